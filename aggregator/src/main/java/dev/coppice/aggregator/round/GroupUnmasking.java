package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.FaultStore.ProvenFault;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.Fault;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.masking.UnmaskedSum;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the masks off the sums of a round's groups. */
final class GroupUnmasking {
    private static final Logger LOG = LoggerFactory.getLogger(GroupUnmasking.class);

    private final Store store;
    private final RoundFacts facts;
    private final Inputs inputs;

    GroupUnmasking(Store store, RoundFacts facts, Inputs inputs) {
        this.store = store;
        this.facts = facts;
        this.inputs = inputs;
    }

    /**
     * The sums of all groups of which enough devices answered. Holds one vector a group.
     *
     * @throws SharesMissingException if there is no such group
     */
    List<GroupSum> sums(StoredRound round) throws SharesMissingException, RoundGoneException {
        Cohort cohort = facts.cohort(round);
        Survivors survivors = facts.survivors(round);
        List<MaskedSum> masked = inputs.sums(round, cohort, MaskingServer.masked(cohort, survivors));
        Map<Integer, Unmasking> unmaskings = unmaskings(round, cohort);
        List<GroupSum> sums = new ArrayList<>();
        List<SharesMissingException> missing = new ArrayList<>();
        for (int group = 0; group < cohort.groups(); group++) {
            int devices = masked.get(group).count();
            if (devices > 0) {
                try {
                    UnmaskedSum sum = MaskingServer.unmask(
                            cohort, group, facts.shares(round), survivors, masked.get(group), unmaskings);
                    record(round, cohort, sum.faults());
                    sums.add(new GroupSum(group, devices, sum.values()));
                } catch (SharesMissingException e) {
                    record(round, cohort, e.faults());
                    missing.add(e);
                }
            }
        }
        if (sums.isEmpty()) {
            throw missing.getFirst(); // survivors are of one group at least
        }
        return sums;
    }

    /** Who is recorded is in no cohort any more. */
    private void record(StoredRound round, Cohort cohort, List<Fault> faults) {
        faults.forEach(fault -> LOG.warn("Round {}: {}", round.id(), told(cohort, fault)));
        store.recordFaults(faults.stream()
                .map(fault -> new ProvenFault(
                        cohort.deviceId(fault.device()),
                        round.id(),
                        fault.kind().name(),
                        cohort.deviceId(fault.other())))
                .toList());
    }

    /** A fault in words: devices by their ids, and nothing of what they sent. */
    static String told(Cohort cohort, Fault fault) {
        return "device %s: %s, about %s"
                .formatted(cohort.deviceId(fault.device()), fault.kind(), cohort.deviceId(fault.other()));
    }

    private Map<Integer, Unmasking> unmaskings(StoredRound round, Cohort cohort) {
        Map<Integer, Unmasking> unmaskings = new HashMap<>();
        store.messages(round.id(), Step.UNMASK)
                .forEach((device, message) ->
                        unmaskings.put(cohort.indexOf(device), Stored.parse(Unmasking.parser(), message)));
        return unmaskings;
    }
}
