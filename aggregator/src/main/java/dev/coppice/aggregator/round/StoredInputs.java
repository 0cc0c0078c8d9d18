package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.LedgerStore;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MaskedSum;
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
    public Taken take(String deviceId, SentBytes input, int deviceMax, LedgerStore.Part part) {
        return store.takeInput(deviceId, input, deviceMax, part);
    }

    @Override
    public boolean areCollected() {
        return false;
    }

    @Override
    public Collected collect(StoredRound round) {
        throw new IllegalStateException("Which inputs count is known at once");
    }

    /** Inputs are folded as they are read. */
    @Override
    public List<MaskedSum> sums(StoredRound round, Cohort cohort, BitSet counted) throws RoundGoneException {
        List<MaskedSum> empty = new ArrayList<>();
        for (int group = 0; group < cohort.groups(); group++) {
            empty.add(new MaskedSum(facts.terms(round)));
        }
        InputBatches batches = new InputBatches(empty);
        store.eachMessage(round.id(), Step.MASKED, (device, message) -> {
            int index = cohort.indexOf(device);
            if (counted.get(index)) {
                batches.add(cohort.groupOf(index), Stored.parse(MaskedInput.parser(), message));
            }
        });
        List<MaskedSum> sums = batches.sums();
        if (sums.stream().mapToInt(MaskedSum::count).sum() != counted.cardinality()) {
            throw new RoundGoneException(round.id());
        }
        return sums;
    }

    @Override
    public void tick(Set<String> openRounds) {
        // nothing is left over
    }
}
