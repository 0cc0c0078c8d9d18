package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The server's side of a round: pure functions over stored messages, so that any replica can go on from what is stored.
 * Holds no secret. The signature of each request is checked before, by the caller. Safe for several threads.
 */
public final class MaskingServer {
    private MaskingServer() {}

    /**
     * The advertisement, fit to be shown to others: for this round, certified, signed, and without unknown fields.
     *
     * @param now the moment that the certificate must be valid at
     */
    public static Advertisement checked(
            VerifiedTerms terms, Advertisement message, VerifyingKey enrolmentAuthority, Instant now)
            throws MessageRefusedException {
        try {
            VerifiedMember member = VerifiedMember.verify(terms, message, Peers.of(enrolmentAuthority));
            Credential credential = member.credential();
            if (now.isBefore(credential.notBefore()) || !now.isBefore(credential.notAfter())) {
                throw new MessageRefusedException("The certificate is not valid now");
            }
            if (!Agreement.isUsable(member.sealingKey()) || !Agreement.isUsable(member.maskingKey())) {
                throw new MessageRefusedException("A key of the round is of small order");
            }
            if (terms.hybrid()
                    && !(Encapsulation.isUsable(member.sealingKemKey())
                            && Encapsulation.isUsable(member.maskingKemKey()))) {
                throw new MessageRefusedException("A key of the round is none of ML-KEM-768");
            }
            return withoutUnknownFields(message);
        } catch (RoundRefusedException refused) {
            throw new MessageRefusedException(refused.reason());
        }
    }

    private static Advertisement withoutUnknownFields(Advertisement message) {
        UnknownFieldSet none = UnknownFieldSet.getDefaultInstance();
        Signed certificate =
                message.getCertificate().toBuilder().setUnknownFields(none).build();
        return message.toBuilder()
                .setCertificate(certificate)
                .setUnknownFields(none)
                .build();
    }

    /**
     * The members of checked advertisements, in any order.
     *
     * @throws CohortRefusedException if there are too few or too many, two of one device or key, or no safe graph
     */
    public static ClosedCohort close(VerifiedTerms terms, List<Advertisement> advertisements)
            throws CohortRefusedException {
        var bounds = terms.terms().getCohort();
        int size = advertisements.size();
        if (size < bounds.getSizeMin() || size > bounds.getSizeMax()) {
            throw new CohortRefusedException(
                    "%d devices where %d to %d are due".formatted(size, bounds.getSizeMin(), bounds.getSizeMax()));
        }
        CohortParameters parameters = CohortParameters.search(size, bounds);
        List<VerifiedMember> members = new ArrayList<>(size);
        for (Advertisement advertisement : advertisements) {
            members.add(stored(advertisement));
        }
        requireDistinct(members);
        members.sort(Comparator.comparing(VerifiedMember::deviceId));
        return new ClosedCohort(terms, members, parameters);
    }

    private static VerifiedMember stored(Advertisement advertisement) throws CohortRefusedException {
        try {
            return VerifiedMember.unverified(advertisement);
        } catch (RoundRefusedException malformed) {
            throw new CohortRefusedException("A stored advertisement is malformed: " + malformed.reason());
        }
    }

    private static void requireDistinct(List<VerifiedMember> members) throws CohortRefusedException {
        Set<String> ids = new HashSet<>();
        Set<ByteString> keys = new HashSet<>();
        Set<String> populations = new HashSet<>();
        for (VerifiedMember member : members) {
            populations.add(member.credential().population());
            boolean fresh = ids.add(member.deviceId())
                    && VerifiedMember.keys(member.credential(), member.advertisement()).stream()
                            .allMatch(keys::add);
            if (!fresh || populations.size() > 1) {
                throw new CohortRefusedException("Two members share a device id or key, or differ in population");
            }
        }
    }

    /** The nonce that a contributor is bound to, opened for this cohort. */
    public static NonceOpening checked(ClosedCohort cohort, int sender, NonceOpening message)
            throws MessageRefusedException {
        MessageRules.check(cohort, sender, message);
        return message;
    }

    /** The bundle, with one well-formed and signed share for each neighbour of {@code sender}. */
    public static ShareBundle checked(Cohort cohort, int sender, ShareBundle message) throws MessageRefusedException {
        MessageRules.check(cohort, sender, message);
        return message;
    }

    /**
     * Who is in the sums; to be signed with {@code Purpose.SURVIVORS}. Decide it once and store it: devices answer once.
     * A group that too many dropped out of is left out, and all its members with it.
     *
     * @param shared indices that completed R1
     * @param masked indices that completed R2, all in {@code shared}
     * @throws CohortRefusedException if honest devices of every group would refuse it: the round must be abandoned
     */
    public static Survivors survivors(Cohort cohort, BitSet shared, BitSet masked) throws CohortRefusedException {
        BitSet strangers = (BitSet) masked.clone();
        strangers.andNot(shared);
        if (!strangers.isEmpty() || shared.length() > cohort.size()) {
            throw new IllegalArgumentException("Only members that shared can have masked");
        }
        BitSet sharedStill = new BitSet();
        BitSet maskedStill = new BitSet();
        String reason = "";
        for (int group = 0; group < cohort.groups(); group++) {
            try {
                SurvivorRules.check(cohort.ring(group), cohort.terms(), masked);
                sharedStill.or(cohort.inGroup(group, shared));
                maskedStill.or(cohort.inGroup(group, masked));
            } catch (RoundRefusedException refused) {
                reason = refused.reason();
            }
        }
        if (maskedStill.isEmpty()) {
            throw new CohortRefusedException(reason);
        }
        return Survivors.newBuilder()
                .setRoundId(cohort.terms().roundId())
                .setShared(SurvivorRules.bitmap(sharedStill, cohort.size()))
                .setMasked(SurvivorRules.bitmap(maskedStill, cohort.size()))
                .build();
    }

    /** Indices of the devices whose inputs are in the sums. */
    public static BitSet masked(Cohort cohort, Survivors survivors) {
        return SurvivorSets.of(cohort, survivors).masked();
    }

    /** The attestation of the survivors by a device that is in the sum. */
    public static Attestation checked(Cohort cohort, Signed survivors, int sender, Attestation message)
            throws MessageRefusedException {
        MessageRules.check(cohort, survivors, sender, message);
        return message;
    }

    /**
     * All attestations of a round; the same again from the same ones. Decide once which they are: devices draw from them.
     *
     * @param byIndex checked ones by the index of their sender
     * @throws CohortRefusedException if honest devices of every group would find them too few: the round must be
     *     abandoned
     */
    public static Attestations attestations(Cohort cohort, Map<Integer, Attestation> byIndex)
            throws CohortRefusedException {
        Attestations attestations = new Attestations(cohort, byIndex);
        if (attestations.sufficient() == 0) {
            throw new CohortRefusedException(
                    "Too few attestations in every group: %d in all".formatted(byIndex.size()));
        }
        return attestations;
    }

    /**
     * The unmasking, with at most one share for each neighbour of {@code sender} that completed R1, of the kind that is
     * due for it. A device lacks a share that its neighbour did not seal properly.
     */
    public static Unmasking checked(Cohort cohort, Survivors survivors, int sender, Unmasking message)
            throws MessageRefusedException {
        MessageRules.check(cohort, SurvivorSets.of(cohort, survivors), sender, message);
        return message;
    }

    /**
     * The sum of the inputs of a group's survivors, each value mod {@code 2^bits}. Shares that do not fit are left out and
     * others tried, as long as there are any. {@code sum} is unchanged.
     *
     * @param group from 0
     * @param shares of all devices in {@code survivors.shared}
     * @param sum of the masked inputs of exactly those in {@code survivors.masked} that are in the group
     * @param unmaskings checked ones by the index of their sender
     * @param executor runs {@code parts} of the work, each with a vector of its own
     * @throws SharesMissingException if there are too few good shares
     */
    public static UnmaskedSum unmask(
            Cohort cohort,
            int group,
            SealedShares shares,
            Survivors survivors,
            MaskedSum sum,
            Map<Integer, Unmasking> unmaskings,
            Executor executor,
            int parts)
            throws SharesMissingException {
        SurvivorSets sets = SurvivorSets.of(cohort, survivors);
        Ring ring = cohort.ring(group);
        int counted = ring.in(sets.masked()).cardinality();
        if (sum.count() != counted) {
            throw new IllegalArgumentException("%d masked inputs for %d survivors".formatted(sum.count(), counted));
        }
        RevealedShares revealed = new RevealedShares(cohort, ring, shares, unmaskings);
        int[] owners = ring.in(sets.shared()).stream().toArray();
        List<CompletableFuture<SumRecovery>> running = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            int first = part;
            running.add(CompletableFuture.supplyAsync(
                    () -> {
                        SumRecovery recovery = new SumRecovery(cohort, ring, sets, revealed);
                        for (int i = first; i < owners.length; i += parts) {
                            recovery.take(owners[i]);
                        }
                        return recovery;
                    },
                    executor));
        }
        return unmasked(cohort, sum.values(), revealed.faults(), running);
    }

    /** As {@link #unmask(Cohort, int, SealedShares, Survivors, MaskedSum, Map, Executor, int)}, on the caller's thread. */
    public static UnmaskedSum unmask(
            Cohort cohort,
            int group,
            SealedShares shares,
            Survivors survivors,
            MaskedSum sum,
            Map<Integer, Unmasking> unmaskings)
            throws SharesMissingException {
        return unmask(cohort, group, shares, survivors, sum, unmaskings, Runnable::run, 1);
    }

    private static UnmaskedSum unmasked(
            Cohort cohort, int[] values, List<Fault> revealing, List<CompletableFuture<SumRecovery>> running)
            throws SharesMissingException {
        List<Fault> faults = new ArrayList<>(revealing);
        int missing = 0;
        for (CompletableFuture<SumRecovery> part : running) {
            SumRecovery recovery = part.join();
            recovery.addTo(values);
            faults.addAll(recovery.faults());
            missing += recovery.missing().size();
        }
        if (missing > 0) {
            throw new SharesMissingException("Too few good shares of %d secrets".formatted(missing), faults);
        }
        int unused = Integer.SIZE - cohort.terms().bits();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] << unused >>> unused;
        }
        return new UnmaskedSum(values, faults);
    }
}
