package dev.coppice.benchmarks;

import com.google.protobuf.MessageLite;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.Attested;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.CohortParameters;
import dev.coppice.crypto.masking.CohortRefusedException;
import dev.coppice.crypto.masking.GroupParameters;
import dev.coppice.crypto.masking.Masked;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Sampling;
import dev.coppice.crypto.masking.SealedShares;
import dev.coppice.crypto.masking.Shared;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * A whole round with all its devices, step by step on one thread; device i puts in 1 at place i. Masked inputs are folded
 * into the sum as they come and forgotten, by the server and by the devices: there is one vector at a time.
 */
final class PlayedRound {
    private static final int SAMPLES = 80;
    private static final int CHECKS_TIMED = 2_000;

    final double[] advertising;
    final double[] sharing;
    final double[] masking;
    final double[] folding;
    final double[] attesting;
    final double[] unmasking;
    double unmaskingSeconds;
    double unmaskingCpuSeconds;
    /** What a server holds before it unmasks: the cohort's keys, its sealed shares, what it released, and one sum. */
    double serverHeapMiB;

    long bytesUp;
    long bytesDown;

    private final MeasuredCohort devices;
    private final VerifiedTerms terms;
    private final List<Member> members;
    private final GroupParameters parameters;
    private final int survivors;
    private int signatureChecks;

    PlayedRound(MeasuredCohort devices) throws CohortRefusedException {
        this.devices = devices;
        terms = devices.terms();
        members = devices.members();
        CohortBounds bounds = devices.bounds();
        parameters = CohortParameters.search(
                        members.size(), bounds.groupSize(), bounds.corruptionBound(), bounds.dropoutBound())
                .of(0);
        survivors = bounds.survivorsMin(members.size());
        advertising = new double[members.size()];
        sharing = new double[members.size()];
        masking = new double[survivors];
        folding = new double[survivors];
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
        Queue<Shared> shared = new ArrayDeque<>();
        Map<Integer, ShareBundle> bundles = new HashMap<>();
        Cohort cohort = share(shared, bundles);
        SealedShares sealed = new SealedShares(cohort, bundles);
        MaskedSum sum = new MaskedSum(terms);
        Survivors stated = survivors(cohort);
        Map<Integer, Unmasking> unmaskings = unmaskings(cohort, attested(shared, sealed, stated, sum));

        serverHeapMiB = ProcessMemory.heap();
        long cpu = processCpuNanos();
        long start = System.nanoTime();
        int[] values = MaskingServer.unmask(cohort, 0, sealed, stated, sum, unmaskings, workers, threads)
                .values();
        unmaskingSeconds = (System.nanoTime() - start) / 1e9;
        unmaskingCpuSeconds = (processCpuNanos() - cpu) / 1e9;
        check(values);
    }

    /** R0 and R1: all devices advertise, open their nonces and share. */
    private Cohort share(Queue<Shared> shared, Map<Integer, ShareBundle> bundles) throws Exception {
        List<Advertised> advertised = new ArrayList<>();
        List<Advertisement> advertisements = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            CpuTime time = new CpuTime();
            advertised.add(devices.advertise(i));
            advertising[i] = time.milliseconds();
            advertisements.add(up(i, advertised.get(i).message()));
        }
        Cohort cohort = opened(MaskingServer.close(terms, advertisements), advertised);
        for (int i = 0; i < members.size(); i++) {
            Roster roster = down(i, cohort.roster(i));
            signatureChecks = 2 * (roster.getNeighboursCount() + roster.getBeaconCount() + SAMPLES);
            CpuTime time = new CpuTime();
            Shared step = advertised.get(i).share(roster);
            sharing[i] = time.milliseconds();
            shared.add(step);
            bundles.put(i, up(i, step.message()));
        }
        return cohort;
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

    /** Who will be in the sum is known from the start here, so that a device can attest right after it masked. */
    private Survivors survivors(Cohort cohort) throws Exception {
        BitSet all = new BitSet();
        all.set(0, members.size());
        BitSet remaining = new BitSet();
        remaining.set(0, survivors);
        return MaskingServer.survivors(cohort, all, remaining);
    }

    /** R2 and R3: the survivors mask and attest, one after the other. */
    private Queue<Attested> attested(Queue<Shared> shared, SealedShares sealed, Survivors stated, MaskedSum sum)
            throws Exception {
        Signed signed = SignedMessages.sign(devices.server(), Purpose.SURVIVORS, stated);
        Queue<Attested> attested = new ArrayDeque<>();
        for (int i = 0; i < survivors; i++) {
            Shared step = shared.remove();
            ShareInbox inbox = down(i, sealed.inbox(i));
            int[] input = new int[terms.paddedDimension()];
            input[i % input.length] = 1;
            CpuTime time = new CpuTime();
            Masked masked = step.mask(inbox, input);
            masking[i] = time.milliseconds();
            MaskedInput message = up(i, masked.message());
            CpuTime foldingTime = new CpuTime();
            sum.add(message);
            folding[i] = foldingTime.milliseconds();
            down(i, signed);
            CpuTime attestingTime = new CpuTime();
            attested.add(masked.attest(signed, devices.server().verifyingKey()));
            attesting[i] = attestingTime.milliseconds();
        }
        shared.clear(); // the others drop out
        return attested;
    }

    /** R4: they draw attestations, and give their shares away. */
    private Map<Integer, Unmasking> unmaskings(Cohort cohort, Queue<Attested> attested) throws Exception {
        Map<Integer, Attestation> attestations = new HashMap<>();
        for (Attested step : attested) {
            int i = attestations.size();
            attestations.put(i, up(i, step.message()));
        }
        Attestations all = MaskingServer.attestations(cohort, attestations);
        Map<Integer, Unmasking> unmaskings = new HashMap<>();
        for (int i = 0; i < survivors; i++) {
            Attested step = attested.remove();
            CpuTime time = new CpuTime();
            Sampling sampling = step.sample(down(i, all.roll()));
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
}
