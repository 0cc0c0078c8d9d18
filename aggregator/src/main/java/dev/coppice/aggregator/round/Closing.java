package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.RoundStore;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.task.TaskDefinition.PhaseSeconds;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.CohortRefusedException;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.Survivors;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Set;

/** Decides what follows on a phase that closes: the next one, or the end. Changes nothing. */
final class Closing {
    /** Longer than others take to notice that a process died which summed inputs up or collected sums. */
    private static final Duration COLLECTED_WITHIN = Duration.ofMinutes(1);

    private final RoundStore store;
    private final RoundFacts facts;
    private final Inputs inputs;
    private final SigningKey server;

    Closing(RoundStore store, RoundFacts facts, Inputs inputs, SigningKey server) {
        this.store = store;
        this.facts = facts;
        this.inputs = inputs;
        this.server = server;
    }

    /** Whether every device that could answer in this phase has. */
    boolean isFull(StoredRound round) {
        return switch (round.phase()) {
            case ADVERTISING ->
                round.tally().advertised()
                        >= facts.terms(round).terms().getCohort().getSizeMax();
            case OPENING ->
                hasAll(round.tally().opened(), () -> facts.closedCohort(round).contributors());
            case SHARING -> round.tally().shared() >= round.tally().advertised();
            case MASKING -> round.tally().masked() >= round.tally().shared();
            case COLLECTING -> true; // it waits for no device
            case ATTESTING -> hasAll(round.tally().attested(), () -> facts.counted(round));
            case UNMASKING ->
                hasAll(round.tally().unmasked(), () -> facts.attestations(round).sufficient());
            case COMPLETED, ABORTED -> false;
        };
    }

    /**
     * The round after one of its phases but the last; as {@code round} was read, so that compare-and-set fails if another
     * device was counted since.
     */
    StoredRound next(StoredRound round, PhaseSeconds seconds, Instant now) throws RoundGoneException {
        return switch (round.phase()) {
            case ADVERTISING -> opening(round, now.plusSeconds(seconds.shares()));
            case OPENING -> sharing(round, now.plusSeconds(seconds.shares()));
            case SHARING ->
                round.tally().shared() < survivorsMin(round)
                        ? round.aborted(AbortReason.TOO_FEW_SHARED)
                        : round.in(Phase.MASKING, now.plusSeconds(seconds.masked()));
            case MASKING ->
                inputs.areCollected()
                        ? round.in(Phase.COLLECTING, now.plus(COLLECTED_WITHIN))
                        : collected(round, now.plusSeconds(seconds.unmask()));
            case COLLECTING -> collected(round, now.plusSeconds(seconds.unmask()));
            case ATTESTING -> unmasking(round, now.plusSeconds(seconds.unmask()));
            case UNMASKING, COMPLETED, ABORTED ->
                throw new IllegalArgumentException("Nothing follows by itself on " + round.phase());
        };
    }

    /** Where all are neighbours of all there is no graph to decide, and nothing to open. */
    private StoredRound opening(StoredRound round, Instant deadline) {
        int advertised = round.tally().advertised();
        if (advertised < facts.terms(round).terms().getCohort().getSizeMin()) {
            return round.aborted(AbortReason.TOO_FEW_DEVICES);
        }
        try {
            ClosedCohort cohort = facts.closedCohortSoFar(round);
            if (cohort.size() != advertised) {
                return round.in(round.phase(), round.deadline()); // one more came: compare-and-set will fail
            }
            return round.in(cohort.contributors() == 0 ? Phase.SHARING : Phase.OPENING, deadline);
        } catch (CohortRefusedException e) {
            return round.aborted(AbortReason.COHORT_REFUSED);
        }
    }

    private StoredRound sharing(StoredRound round, Instant deadline) throws RoundGoneException {
        try {
            Cohort cohort = facts.cohortSoFar(round);
            return cohort.openings() == round.tally().opened()
                    ? round.in(Phase.SHARING, deadline)
                    : round.in(round.phase(), round.deadline()); // one more came: compare-and-set will fail
        } catch (CohortRefusedException e) {
            return round.aborted(AbortReason.TOO_FEW_OPENED);
        }
    }

    private StoredRound collected(StoredRound round, Instant deadline) throws RoundGoneException {
        return round.tally().masked() < survivorsMin(round)
                ? round.aborted(AbortReason.TOO_FEW_MASKED)
                : attesting(round, deadline);
    }

    private StoredRound attesting(StoredRound round, Instant deadline) throws RoundGoneException {
        Cohort cohort = facts.cohort(round);
        BitSet shared = indices(cohort, store.devices(round.id(), Step.SHARES));
        BitSet masked = indices(cohort, store.devices(round.id(), Step.MASKED));
        try {
            Survivors survivors = MaskingServer.survivors(cohort, shared, masked);
            return round.in(Phase.ATTESTING, deadline).withSurvivors(signed(survivors));
        } catch (CohortRefusedException e) {
            return round.aborted(AbortReason.SURVIVORS_REFUSED);
        }
    }

    private StoredRound unmasking(StoredRound round, Instant deadline) throws RoundGoneException {
        try {
            Attestations attestations = facts.attestationsSoFar(round);
            return attestations.count() == round.tally().attested()
                    ? round.in(Phase.UNMASKING, deadline)
                    : round.in(round.phase(), round.deadline()); // one more came: compare-and-set will fail
        } catch (CohortRefusedException e) {
            return round.aborted(AbortReason.TOO_FEW_ATTESTED);
        }
    }

    /**
     * Signing is not saying: survivors are shown to devices only once they are stored, and they are stored at most once,
     * since two statements about one round would let two sums be unmasked.
     */
    private ByteString signed(Survivors survivors) {
        return SignedMessages.sign(server, Purpose.SURVIVORS, survivors).toByteString();
    }

    private interface Due {
        int devices() throws RoundGoneException;
    }

    private static boolean hasAll(int devices, Due due) {
        try {
            return devices >= due.devices();
        } catch (RoundGoneException e) {
            return false; // it is over: nothing fills it any more
        }
    }

    private int survivorsMin(StoredRound round) {
        return CohortBounds.of(facts.terms(round).terms().getCohort())
                .survivorsMin(round.tally().advertised());
    }

    private static BitSet indices(Cohort cohort, Set<String> devices) {
        BitSet indices = new BitSet(cohort.size());
        devices.forEach(device -> indices.set(cohort.indexOf(device)));
        return indices;
    }
}
