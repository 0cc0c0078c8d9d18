package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.LedgerStore;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MaskedSum;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Where the masked inputs of rounds go, and where their sums come from. For any threads and processes. */
public interface Inputs {
    /** What became of the inputs of a round that takes no more of them. */
    enum Collected {
        /** It takes a while until that is known. */
        NOT_YET,
        /** Which of them count is recorded, and their sums are there. */
        ALL,
        /** Some that had been taken are not where they should be. */
        LOST
    }

    /**
     * Takes a checked input of a member that shared, once, if the round is still MASKING; it then counts, and is in the
     * device's account.
     *
     * @param input a {@code MaskedInput}
     * @param deviceMax devices that this step is taken from at most
     */
    Taken take(String deviceId, SentBytes input, int deviceMax, LedgerStore.Part part) throws RoundGoneException;

    /** Whether a round must be COLLECTING before it is known which inputs count. */
    boolean areCollected();

    /** Collects the inputs of a round that is COLLECTING. To be called until it is done. */
    Collected collect(StoredRound round) throws RoundGoneException;

    /**
     * The sums by group, those without survivors being empty. Holds one vector a group.
     *
     * @param counted indices of the devices whose inputs are in the sums
     * @throws RoundGoneException if some are missing, since the round is over
     */
    List<MaskedSum> sums(StoredRound round, Cohort cohort, BitSet counted) throws RoundGoneException;

    /** Records what was taken and not recorded yet, and forgets rounds that are over. To be called every now and then. */
    void tick(Set<String> openRounds);
}
