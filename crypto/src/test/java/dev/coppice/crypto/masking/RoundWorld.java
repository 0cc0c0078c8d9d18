package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Training;
import dev.coppice.protocol.round.Unmasking;
import dev.coppice.testkit.SeededBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A server, an enrolment authority and enrolled devices, with the steps of a round taken one by one. */
final class RoundWorld {
    static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    final SigningKey server = SigningKey.generate(new SeededBytes(-1)::fill);
    final SigningKey authority = SigningKey.generate(new SeededBytes(-2)::fill);
    final RandomSource random;
    final List<Member> members = new ArrayList<>();
    final VerifiedTerms terms;

    private @Nullable ClosedCohort closed;
    private dev.coppice.crypto.masking.@Nullable Cohort cohort;
    final Map<Integer, Advertised> advertised = new TreeMap<>();
    final Map<Integer, Shared> shared = new TreeMap<>();
    final Map<Integer, Masked> masked = new TreeMap<>();
    final Map<Integer, Attested> attested = new TreeMap<>();
    final Map<Integer, Unmasked> unmasked = new TreeMap<>();

    RoundWorld(long seed, int devices, RoundTerms.Builder terms) {
        try {
            this.random = new SeededBytes(seed)::fill;
            this.terms = verified(terms.build());
            for (int i = 0; i < devices; i++) {
                members.add(member("device-%04d".formatted(i)));
            }
        } catch (RoundRefusedException refused) {
            throw new AssertionError(refused);
        }
    }

    static RoundTerms.Builder terms(int dimension, double corruptionBound, double dropoutBound) {
        return RoundTerms.newBuilder()
                .setRoundId("round-1")
                .setTaskId("task-1")
                .setSkill("intents")
                .setNumber(1)
                .setBaseModelSha256("a".repeat(64))
                .setKitSha256("b".repeat(64))
                .setCandidateSha256("c".repeat(64))
                .setKitSpec(ByteString.copyFromUtf8("{}"))
                .setTraining(Training.newBuilder()
                        .setLocalSteps(4)
                        .setLearningRate(0.01f)
                        .setExamplesMin(1))
                .setEncoding(Encoding.newBuilder()
                        .setDimension(dimension)
                        .setClipNorm(1)
                        .setScale(1000)
                        .setBits(20)
                        .setRotationSeed(ByteString.copyFrom(new byte[32])))
                .setPrivacy(Privacy.getDefaultInstance())
                .setCohort(Cohort.newBuilder()
                        .setSizeMin(3)
                        .setSizeMax(2000)
                        .setCorruptionBound(corruptionBound)
                        .setDropoutBound(dropoutBound))
                .setOpenedEpochMillis(NOW.toEpochMilli());
    }

    static RoundTerms.Builder terms(
            int dimension, double corruptionBound, double dropoutBound, KeyAgreement agreement) {
        return terms(dimension, corruptionBound, dropoutBound).setKeyAgreement(agreement);
    }

    VerifiedTerms verified(RoundTerms terms) throws RoundRefusedException {
        return VerifiedTerms.verify(SignedMessages.sign(server, Purpose.ROUND_TERMS, terms), server.verifyingKey());
    }

    Member member(String deviceId) {
        SigningKey key = SigningKey.generate(random);
        return new Member(deviceId, key, certificate(deviceId, key, authority));
    }

    static Signed certificate(String deviceId, SigningKey key, SigningKey authority) {
        return SignedMessages.sign(
                authority,
                Purpose.DEVICE_CERTIFICATE,
                DeviceCertificate.newBuilder()
                        .setDeviceId(deviceId)
                        .setSigningKey(ByteString.copyFrom(key.verifyingKey().bytes()))
                        .setPopulation("people")
                        .setNotBeforeEpochSeconds(NOW.minusSeconds(60).getEpochSecond())
                        .setNotAfterEpochSeconds(NOW.plusSeconds(90 * 86_400).getEpochSecond())
                        .build());
    }

    /** R0 for all; members are created in the canonical order, so that each has its own place as its index. */
    RoundWorld advertise() throws Exception {
        List<Advertisement> messages = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            advertised.put(i, advertise(terms, members.get(i)));
            messages.add(MaskingServer.checked(terms, at(advertised, i).message(), authority.verifyingKey(), NOW));
        }
        return close(messages);
    }

    /** The cohort of these members; all contributors open their nonces. */
    RoundWorld close(List<Advertisement> messages) throws Exception {
        closed = MaskingServer.close(terms, messages);
        cohort = opened(closed());
        return this;
    }

    /** Lets all contributors but some open their nonces. */
    dev.coppice.crypto.masking.Cohort opened(ClosedCohort theirs, Integer... without) throws Exception {
        return theirs.with(openings(theirs, without));
    }

    Map<Integer, NonceOpening> openings(ClosedCohort theirs, Integer... without) throws Exception {
        List<Integer> absent = List.of(without);
        Map<Integer, NonceOpening> openings = new HashMap<>();
        for (int i = 0; i < theirs.size(); i++) {
            if (theirs.contributes(i) && !absent.contains(i)) {
                NonceOpening opening = at(advertised, i).open(theirs.closed(i));
                openings.put(i, MaskingServer.checked(theirs, i, opening));
            }
        }
        return openings;
    }

    ClosedCohort closed() {
        return Objects.requireNonNull(closed);
    }

    Advertised advertise(VerifiedTerms theirTerms, Member member) throws RoundRefusedException {
        return MaskingClient.advertise(theirTerms, member, Peers.of(authority.verifyingKey()), NOW, random);
    }

    /** R1 for all but some. */
    RoundWorld share(Integer... without) throws Exception {
        List<Integer> absent = List.of(without);
        for (int i : advertised.keySet()) {
            if (!absent.contains(i)) {
                Shared step = at(advertised, i).share(cohort().roster(i));
                MaskingServer.checked(cohort(), i, step.message());
                shared.put(i, step);
            }
        }
        return this;
    }

    Map<Integer, ShareBundle> bundles() {
        Map<Integer, ShareBundle> messages = new HashMap<>();
        shared.forEach((index, step) -> messages.put(index, step.message()));
        return messages;
    }

    SealedShares sealedShares() {
        return new SealedShares(cohort(), bundles());
    }

    /** R2 for all that shared but some: device i puts in 1 at place i. */
    RoundWorld mask(Integer... without) throws Exception {
        List<Integer> absent = List.of(without);
        SealedShares sealed = sealedShares();
        for (int i : shared.keySet()) {
            if (!absent.contains(i)) {
                masked.put(i, at(shared, i).mask(sealed.inbox(i), oneHot(i)));
            }
        }
        return this;
    }

    dev.coppice.protocol.round.ShareInbox inbox(int recipient) {
        return sealedShares().inbox(recipient);
    }

    int[] oneHot(int index) {
        int[] input = new int[terms.paddedDimension()];
        input[index] = 1;
        return input;
    }

    Survivors survivors() throws CohortRefusedException {
        return MaskingServer.survivors(cohort(), set(shared), set(masked));
    }

    Signed signed(Survivors survivors) {
        return SignedMessages.sign(server, Purpose.SURVIVORS, survivors);
    }

    /** R3 for all that masked but some. */
    RoundWorld attest(Integer... without) throws Exception {
        List<Integer> absent = List.of(without);
        Signed survivors = signed(survivors());
        for (int i : masked.keySet()) {
            if (!absent.contains(i)) {
                Attested step = at(masked, i).attest(survivors, server.verifyingKey());
                MaskingServer.checked(cohort(), survivors, i, step.message());
                attested.put(i, step);
            }
        }
        return this;
    }

    Attestations attestations() throws CohortRefusedException {
        Map<Integer, Attestation> messages = new HashMap<>();
        attested.forEach((index, step) -> messages.put(index, step.message()));
        return MaskingServer.attestations(cohort(), messages);
    }

    /** R4 for all that attested but some; R3 before, if nobody did. */
    RoundWorld unmask(Integer... without) throws Exception {
        if (attested.isEmpty()) {
            attest();
        }
        List<Integer> absent = List.of(without);
        Attestations attestations = attestations();
        for (int i : attested.keySet()) {
            if (!absent.contains(i)) {
                Unmasked step = unmask(i, attestations);
                MaskingServer.checked(cohort(), survivors(), i, step.message());
                unmasked.put(i, step);
            }
        }
        return this;
    }

    Unmasked unmask(int index, Attestations attestations) throws Exception {
        Sampling sampling = at(attested, index).sample(attestations.roll());
        return sampling.unmask(attestations.open(sampling.message()));
    }

    Map<Integer, Unmasking> unmaskings() {
        Map<Integer, Unmasking> messages = new HashMap<>();
        unmasked.forEach((index, step) -> messages.put(index, step.message()));
        return messages;
    }

    /** Of the inputs of a group that are to be summed. */
    MaskedSum maskedSum(int group) throws Exception {
        MaskedSum sum = new MaskedSum(terms);
        BitSet counted = cohort().inGroup(group, MaskingServer.masked(cohort(), survivors()));
        for (int index : counted.stream().toArray()) {
            sum.add(masked(index).message());
        }
        return sum;
    }

    /** Of the one group. */
    MaskedSum maskedSum() throws Exception {
        return maskedSum(0);
    }

    /** Of all groups that have one together. */
    int[] sum() throws Exception {
        int[] total = new int[terms.paddedDimension()];
        for (int group = 0; group < cohort().groups(); group++) {
            if (maskedSum(group).count() > 0) {
                int[] sum = sum(group);
                Arrays.setAll(total, i -> total[i] + sum[i]);
            }
        }
        return total;
    }

    int[] sum(int group) throws Exception {
        return MaskingServer.unmask(cohort(), group, sealedShares(), survivors(), maskedSum(group), unmaskings())
                .values();
    }

    /** Of the one group. */
    UnmaskedSum unmaskedSum(Map<Integer, Unmasking> messages) throws Exception {
        return MaskingServer.unmask(cohort(), 0, sealedShares(), survivors(), maskedSum(), messages);
    }

    /** What the sum must be: 1 for each that masked. */
    int[] expected() {
        return ones(masked.keySet());
    }

    int[] ones(Iterable<Integer> indices) {
        int[] ones = new int[terms.paddedDimension()];
        indices.forEach(index -> ones[index] = 1);
        return ones;
    }

    dev.coppice.crypto.masking.Cohort cohort() {
        return Objects.requireNonNull(cohort);
    }

    List<Advertisement> advertisements() {
        return new ArrayList<>(
                advertised.values().stream().map(Advertised::message).toList());
    }

    /** What a lying server shows device 0 of a cohort where all are neighbours: a consistent tree over a cohort with one entry replaced. */
    Roster rosterWith(int index, Advertisement replacement) throws Exception {
        List<VerifiedMember> cohortMembers = new ArrayList<>();
        List<Advertisement> messages = advertisements();
        messages.set(index, replacement);
        for (Advertisement message : messages) {
            cohortMembers.add(VerifiedMember.unverified(message));
        }
        CohortParameters parameters =
                CohortParameters.search(cohortMembers.size(), terms.terms().getCohort());
        return new ClosedCohort(terms, cohortMembers, parameters).with(Map.of()).roster(0);
    }

    /** The message as {@code member} would have signed it. */
    Advertisement resigned(Advertisement message, Member member) {
        byte[] signed = VerifiedMember.signedBytes(terms.hash(), message);
        return message.toBuilder()
                .setCertificate(member.certificate())
                .setSignature(ByteString.copyFrom(member.key().sign(Purpose.ADVERTISEMENT, signed)))
                .build();
    }

    Advertised advertised(int index) {
        return at(advertised, index);
    }

    Shared shared(int index) {
        return at(shared, index);
    }

    Masked masked(int index) {
        return at(masked, index);
    }

    Attested attested(int index) {
        return at(attested, index);
    }

    private static <T> T at(Map<Integer, T> steps, int index) {
        return Objects.requireNonNull(steps.get(index));
    }

    static BitSet set(Map<Integer, ?> steps) {
        BitSet set = new BitSet();
        steps.keySet().forEach(set::set);
        return set;
    }
}
