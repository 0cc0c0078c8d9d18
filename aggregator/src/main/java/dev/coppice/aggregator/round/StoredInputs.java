package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.LedgerStore;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.protocol.round.MaskedInput;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Masked inputs beside all other messages, summed up when the sum is needed. */
public final class StoredInputs implements Inputs {
    private final Store store;
    private final RoundFacts facts;

    public StoredInputs(Store store, RoundFacts facts) {
        this.store = store;
        this.facts = facts;
    }

    @Override
    public Taken take(String deviceId, MaskedInput input, int deviceMax, LedgerStore.Part part) {
        return store.takeInput(deviceId, input.toByteString(), deviceMax, part);
    }

    @Override
    public boolean areCollected() {
        return false;
    }

    @Override
    public Collected collect(StoredRound round) {
        throw new IllegalStateException("Which inputs count is known at once");
    }

    /** Each input is folded as it is read. */
    @Override
    public List<MaskedSum> sums(StoredRound round, Cohort cohort, BitSet counted) throws RoundGoneException {
        List<MaskedSum> sums = new ArrayList<>();
        for (int group = 0; group < cohort.groups(); group++) {
            sums.add(new MaskedSum(facts.terms(round)));
        }
        store.eachMessage(round.id(), Step.MASKED, (device, message) -> {
            int index = cohort.indexOf(device);
            if (counted.get(index)) {
                add(sums.get(cohort.groupOf(index)), message);
            }
        });
        if (sums.stream().mapToInt(MaskedSum::count).sum() != counted.cardinality()) {
            throw new RoundGoneException(round.id());
        }
        return sums;
    }

    private static void add(MaskedSum sum, ByteString message) {
        try {
            sum.add(Stored.parse(MaskedInput.parser(), message));
        } catch (MessageRefusedException e) {
            throw new IllegalStateException("A stored masked input was checked before", e);
        }
    }

    @Override
    public void tick(Set<String> openRounds) {
        // nothing is left over
    }
}
