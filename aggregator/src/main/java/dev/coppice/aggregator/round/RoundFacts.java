package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.RoundStore;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.CohortRefusedException;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.SealedShares;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What follows from a round's stored messages and never changes after: computed once, kept in memory while the round is
 * open, and computed again by whichever process needs it. For any threads.
 */
public final class RoundFacts {
    private final RoundStore store;
    private final VerifyingKey server;
    private final Map<String, VerifiedTerms> terms = new ConcurrentHashMap<>();
    private final Map<String, ClosedCohort> closedCohorts = new ConcurrentHashMap<>();
    private final Map<String, Cohort> cohorts = new ConcurrentHashMap<>();
    private final Map<String, SealedShares> shares = new ConcurrentHashMap<>();
    private final Map<String, BitSet> masked = new ConcurrentHashMap<>();
    private final Map<String, Attestations> attestations = new ConcurrentHashMap<>();

    public RoundFacts(RoundStore store, VerifyingKey server) {
        this.store = store;
        this.server = server;
    }

    VerifiedTerms terms(StoredRound round) {
        return terms.computeIfAbsent(round.id(), id -> verified(round));
    }

    private VerifiedTerms verified(StoredRound round) {
        try {
            return VerifiedTerms.verify(Stored.parse(Signed.parser(), round.terms()), server);
        } catch (RoundRefusedException e) {
            throw new IllegalStateException("Stored terms are not ours", e);
        }
    }

    /** Everyone who advertised so far. */
    ClosedCohort closedCohortSoFar(StoredRound round) throws CohortRefusedException {
        List<Advertisement> advertisements = store.messages(round.id(), Step.ADVERTISE).values().stream()
                .map(bytes -> Stored.parse(Advertisement.parser(), bytes))
                .toList();
        return MaskingServer.close(terms(round), advertisements);
    }

    /** The members of a round that takes no more advertisements. */
    ClosedCohort closedCohort(StoredRound round) throws RoundGoneException {
        require(round, Step.ADVERTISE);
        return once(closedCohorts, round, () -> closedCohortSoFar(round));
    }

    /** The cohort by the nonces that were opened so far. */
    Cohort cohortSoFar(StoredRound round) throws CohortRefusedException, RoundGoneException {
        ClosedCohort closed = closedCohort(round);
        Map<Integer, NonceOpening> openings = new HashMap<>();
        store.messages(round.id(), Step.OPEN)
                .forEach((device, message) -> openings.put(
                        closed.findIndex(device).orElseThrow(), Stored.parse(NonceOpening.parser(), message)));
        return closed.with(openings);
    }

    /** The cohort of a round whose graph is fixed. */
    Cohort cohort(StoredRound round) throws RoundGoneException {
        require(round, Step.OPEN);
        return once(cohorts, round, () -> cohortSoFar(round));
    }

    /** The sealed shares of a round that takes no more of them. */
    SealedShares shares(StoredRound round) throws RoundGoneException {
        require(round, Step.SHARES);
        Cohort cohort = cohort(round);
        return shares.computeIfAbsent(round.id(), id -> {
            Map<Integer, ShareBundle> bundles = new HashMap<>();
            store.messages(id, Step.SHARES)
                    .forEach((device, message) ->
                            bundles.put(cohort.indexOf(device), Stored.parse(ShareBundle.parser(), message)));
            return new SealedShares(cohort, bundles);
        });
    }

    /** Who is in the sums of a round that takes no more masked inputs. */
    Survivors survivors(StoredRound round) {
        return Stored.parse(
                Survivors.parser(),
                Stored.parse(Signed.parser(), round.survivors()).getPayload());
    }

    /** How many devices are in the sums of such a round. */
    int counted(StoredRound round) throws RoundGoneException {
        return masked(round).cardinality();
    }

    /** Whether a member's group is one of those that have a sum. */
    boolean isCounted(StoredRound round, String deviceId) throws RoundGoneException {
        return masked(round).get(cohort(round).indexOf(deviceId));
    }

    private BitSet masked(StoredRound round) throws RoundGoneException {
        Cohort cohort = cohort(round);
        return masked.computeIfAbsent(round.id(), id -> MaskingServer.masked(cohort, survivors(round)));
    }

    /** The attestations of a round that takes no more of them. */
    Attestations attestations(StoredRound round) throws RoundGoneException {
        require(round, Step.ATTEST);
        return once(attestations, round, () -> attestationsSoFar(round));
    }

    /** The attestations that were taken so far. */
    Attestations attestationsSoFar(StoredRound round) throws CohortRefusedException, RoundGoneException {
        Cohort cohort = cohort(round);
        Map<Integer, Attestation> byIndex = new HashMap<>();
        store.messages(round.id(), Step.ATTEST)
                .forEach((device, message) ->
                        byIndex.put(cohort.indexOf(device), Stored.parse(Attestation.parser(), message)));
        return MaskingServer.attestations(cohort, byIndex);
    }

    /** Frees the memory of rounds that are over, whichever process ended them. */
    void keepOnly(Set<String> openRounds) {
        for (Map<String, ?> known : List.of(terms, closedCohorts, cohorts, shares, masked, attestations)) {
            known.keySet().retainAll(openRounds);
        }
    }

    /** A fact about all devices of a round. They ask for it at the same moment, and wait for the first one's answer. */
    private static <T> T once(Map<String, T> known, StoredRound round, Fact<T> fact) throws RoundGoneException {
        Optional<T> found = Optional.ofNullable(
                known.computeIfAbsent(round.id(), id -> fact.find().orElse(null)));
        return found.orElseThrow(() -> new RoundGoneException(round.id()));
    }

    private interface Fact<T> {
        T of() throws CohortRefusedException, RoundGoneException;

        /** Empty if messages that were enough when they were accepted no longer are: somebody deleted them. */
        default Optional<T> find() {
            try {
                return Optional.of(of());
            } catch (CohortRefusedException | RoundGoneException e) {
                return Optional.empty();
            }
        }
    }

    private static void require(StoredRound round, Step closed) {
        Phase phase = round.phase();
        if (!phase.isPast(closed) || phase.isOver()) {
            throw new IllegalStateException("Round " + round.id() + " is " + phase);
        }
    }
}
