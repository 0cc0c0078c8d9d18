package dev.coppice.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.Attested;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.CohortParameters;
import dev.coppice.crypto.masking.GroupParameters;
import dev.coppice.crypto.masking.Masked;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Sampling;
import dev.coppice.crypto.masking.SealedShares;
import dev.coppice.crypto.masking.Shared;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Training;
import dev.coppice.protocol.round.Unmasking;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** A whole round with all its devices, step by step on one thread; device i puts in 1 at place i. */
final class PlayedRound {
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final int SAMPLES = 80;
    private static final int CHECKS_TIMED = 2_000;

    final double[] advertising;
    final double[] sharing;
    final double[] masking;
    final double[] attesting;
    final double[] unmasking;
    double unmaskingSeconds;
    double unmaskingCpuSeconds;
    long bytesUp;
    long bytesDown;

    private final RandomSource random = RandomSource.secure();
    private final SigningKey server = SigningKey.generate(random);
    private final SigningKey authority = SigningKey.generate(random);
    private final VerifiedTerms terms;
    private final List<Member> members = new ArrayList<>();
    private final GroupParameters parameters;
    private final int survivors;
    private int signatureChecks;

    PlayedRound(int devices, int values, int bits, double corruptionBound, double dropoutBound, KeyAgreement agreement)
            throws Exception {
        Signed signed = SignedMessages.sign(
                server,
                Purpose.ROUND_TERMS,
                terms(devices, values, bits, corruptionBound, dropoutBound)
                        .setKeyAgreement(agreement)
                        .build());
        terms = VerifiedTerms.verify(signed, server.verifyingKey());
        for (int i = 0; i < devices; i++) {
            members.add(member("device-%05d".formatted(i)));
        }
        parameters = CohortParameters.search(devices, 0, corruptionBound, dropoutBound)
                .of(0);
        survivors = devices - (int) (dropoutBound * devices);
        advertising = new double[devices];
        sharing = new double[devices];
        masking = new double[survivors];
        attesting = new double[survivors];
        unmasking = new double[survivors];
    }

    GroupParameters parameters() {
        return parameters;
    }

    int droppedOut() {
        return members.size() - survivors;
    }

    /** Signatures of others that one device checks: two of each neighbour, contributor and drawn attestation. */
    int signatureChecks() {
        return signatureChecks;
    }

    /** Of one signature, on this machine now. */
    static double verifyingMilliseconds() {
        SigningKey key = SigningKey.generate(RandomSource.secure());
        byte[] message = new byte[128];
        byte[] signature = key.sign(Purpose.ATTESTATION, message);
        CpuTime time = new CpuTime();
        for (int i = 0; i < CHECKS_TIMED; i++) {
            if (!key.verifyingKey().verifies(Purpose.ATTESTATION, message, signature)) {
                throw new IllegalStateException("a good signature was refused");
            }
        }
        return time.milliseconds() / CHECKS_TIMED;
    }

    void play(Executor workers, int threads) throws Exception {
        List<Advertised> advertised = new ArrayList<>();
        List<Advertisement> advertisements = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            CpuTime time = new CpuTime();
            advertised.add(MaskingClient.advertise(terms, members.get(i), authority.verifyingKey(), NOW, random));
            advertising[i] = time.milliseconds();
            advertisements.add(up(i, advertised.get(i).message()));
        }
        Cohort cohort = opened(MaskingServer.close(terms, advertisements), advertised);

        List<Shared> shared = new ArrayList<>();
        Map<Integer, ShareBundle> bundles = new HashMap<>();
        for (int i = 0; i < members.size(); i++) {
            Roster roster = down(i, cohort.roster(i));
            signatureChecks = 2 * (roster.getNeighboursCount() + roster.getBeaconCount() + SAMPLES);
            CpuTime time = new CpuTime();
            shared.add(advertised.get(i).share(roster));
            sharing[i] = time.milliseconds();
            bundles.put(i, up(i, shared.get(i).message()));
        }
        SealedShares sealed = new SealedShares(cohort, bundles);

        MaskedSum sum = new MaskedSum(terms);
        List<Masked> masked = new ArrayList<>();
        for (int i = 0; i < survivors; i++) {
            ShareInbox inbox = down(i, sealed.inbox(i));
            int[] input = new int[terms.paddedDimension()];
            input[i % input.length] = 1;
            CpuTime time = new CpuTime();
            Masked step = shared.get(i).mask(inbox, input);
            masking[i] = time.milliseconds();
            masked.add(step);
            sum.add(up(i, step.message()));
        }
        Survivors stated = survivors(cohort);
        Map<Integer, Unmasking> unmaskings = unmaskings(cohort, masked, stated);

        long cpu = processCpuNanos();
        long start = System.nanoTime();
        int[] values = MaskingServer.unmask(cohort, 0, sealed, stated, sum, unmaskings, workers, threads)
                .values();
        unmaskingSeconds = (System.nanoTime() - start) / 1e9;
        unmaskingCpuSeconds = (processCpuNanos() - cpu) / 1e9;
        check(values);
    }

    private Cohort opened(ClosedCohort closed, List<Advertised> advertised) throws Exception {
        Map<Integer, NonceOpening> openings = new HashMap<>();
        for (int i = 0; i < members.size(); i++) {
            if (closed.contributes(i)) {
                openings.put(i, advertised.get(i).open(closed.closed(i)));
            }
        }
        return closed.with(openings);
    }

    private Survivors survivors(Cohort cohort) throws Exception {
        BitSet all = new BitSet();
        all.set(0, members.size());
        BitSet remaining = new BitSet();
        remaining.set(0, survivors);
        return MaskingServer.survivors(cohort, all, remaining);
    }

    private Map<Integer, Unmasking> unmaskings(Cohort cohort, List<Masked> masked, Survivors stated) throws Exception {
        Signed signed = SignedMessages.sign(server, Purpose.SURVIVORS, stated);
        List<Attested> attested = new ArrayList<>();
        Map<Integer, Attestation> attestations = new HashMap<>();
        for (int i = 0; i < survivors; i++) {
            CpuTime time = new CpuTime();
            attested.add(masked.get(i).attest(down(i, signed), server.verifyingKey()));
            attesting[i] = time.milliseconds();
            attestations.put(i, up(i, attested.get(i).message()));
        }
        Attestations all = MaskingServer.attestations(cohort, attestations);
        Map<Integer, Unmasking> unmaskings = new HashMap<>();
        for (int i = 0; i < survivors; i++) {
            CpuTime time = new CpuTime();
            Sampling sampling = attested.get(i).sample(down(i, all.roll()));
            double drawing = time.milliseconds();
            Openings openings = down(i, all.open(up(i, sampling.message())));
            CpuTime checking = new CpuTime();
            unmaskings.put(i, up(i, sampling.unmask(openings).message()));
            unmasking[i] = drawing + checking.milliseconds();
        }
        return unmaskings;
    }

    private void check(int[] values) {
        int counted = 0;
        for (int value : values) {
            counted += value;
        }
        if (counted != survivors || values[0] == 0) {
            throw new IllegalStateException("the sum is wrong");
        }
    }

    /** As the device in the middle sends it, signed by its key: it encapsulates to half of its neighbours. */
    private <M extends MessageLite> M up(int device, M message) {
        if (device == measured()) {
            Member member = members.get(device);
            bytesUp += SignedMessages.request(member.deviceId(), member.key(), Purpose.POLL, message)
                    .getSerializedSize();
        }
        return message;
    }

    private <M extends MessageLite> M down(int device, M message) {
        if (device == measured()) {
            bytesDown += message.getSerializedSize();
        }
        return message;
    }

    private int measured() {
        return members.size() / 2;
    }

    private static long processCpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private Member member(String deviceId) {
        SigningKey key = SigningKey.generate(random);
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(deviceId)
                .setSigningKey(ByteString.copyFrom(key.verifyingKey().bytes()))
                .setPopulation("people")
                .setNotBeforeEpochSeconds(NOW.minusSeconds(60).getEpochSecond())
                .setNotAfterEpochSeconds(NOW.plusSeconds(90 * 86_400).getEpochSecond())
                .build();
        return new Member(deviceId, key, SignedMessages.sign(authority, Purpose.DEVICE_CERTIFICATE, certificate));
    }

    private static RoundTerms.Builder terms(
            int devices, int values, int bits, double corruptionBound, double dropoutBound) {
        return RoundTerms.newBuilder()
                .setRoundId("t-0123456789abcdef-1")
                .setTaskId("t-0123456789abcdef")
                .setSkill("intents")
                .setNumber(1)
                .setBaseModelSha256("a".repeat(64))
                .setKitSha256("b".repeat(64))
                .setCandidateSha256("c".repeat(64))
                .setKitSpec(ByteString.copyFromUtf8("{}"))
                .setTraining(Training.newBuilder()
                        .setLocalSteps(1)
                        .setLearningRate(0.01f)
                        .setExamplesMin(1))
                .setEncoding(Encoding.newBuilder()
                        .setDimension(values)
                        .setClipNorm(1)
                        .setScale(1)
                        .setBits(bits)
                        .setRotationSeed(ByteString.copyFrom(new byte[32])))
                .setPrivacy(Privacy.getDefaultInstance())
                .setCohort(dev.coppice.protocol.round.Cohort.newBuilder()
                        .setSizeMin(devices)
                        .setSizeMax(devices)
                        .setCorruptionBound(corruptionBound)
                        .setDropoutBound(dropoutBound))
                .setOpenedEpochMillis(NOW.toEpochMilli());
    }
}
