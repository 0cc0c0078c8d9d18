package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.privacy.audit.CosineAudit;
import dev.coppice.crypto.privacy.audit.OneRunAudit;
import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The count behind an adaptive clip, attacked: over many sums, one device either puts in an update that is clipped, and says
 * so, or nothing; whoever sees the sums tries to tell which. Where the count is told otherwise than planned, it is found out.
 */
class CountAuditTest {
    private static final int SUMS = 240;
    private static final int DEVICES = 8;
    private static final int DIMENSION = 127;
    private static final double CONFIDENCE = 0.999;
    private static final PrivacyGoal GOAL = new PrivacyGoal(3, 1e-8, 1);
    private static final CohortBounds COHORT = new CohortBounds(DEVICES, DEVICES, 0, 0);
    private static final Clipping CLIPPING = new Clipping.Adaptive(1, 0.5, 0.2);

    /** What else the attacked device does to a sum that it is in. */
    private interface Leak {
        void into(int[] sum, EncodingParameters encoding);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void updateAndCountTogetherTellNoMoreThanIsClaimed(long seed) throws PrivacyRefusedException {
        assertThat(found(seed, (sum, encoding) -> {})).isLessThan(GOAL.epsilon());
    }

    @Test
    void aCountThatOneDeviceMovesTwelveTimesAsFarIsFoundOut() throws PrivacyRefusedException {
        assertThat(found(1, (sum, encoding) -> moveCount(sum, encoding, -11))).isGreaterThan(GOAL.epsilon());
    }

    /** The claim is about a device that is not there; one with an update of zeros says that it was within the norm. */
    @Test
    void theAuditSeesTheCount() throws PrivacyRefusedException {
        double counted = found(1, (sum, encoding) -> {});
        double uncounted = found(1, (sum, encoding) -> moveCount(sum, encoding, 1));
        assertThat(counted).isGreaterThan(uncounted);
    }

    /** By so many indicators, as the rotated vector takes it. */
    private static void moveCount(int[] sum, EncodingParameters encoding, double indicators) {
        double[] moved = new double[encoding.paddedDimension()];
        moved[encoding.dimension() - 1] = indicators * encoding.indicator() * encoding.scale();
        new Rotation(encoding.rotationSeed(), moved.length).apply(moved);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += (int) Math.rint(moved[i]);
        }
    }

    /** The larger of the two lower bounds on epsilon. */
    private static double found(long seed, Leak leak) throws PrivacyRefusedException {
        EncodingParameters encoding = NoisePlan.calibrate(GOAL, COHORT, DIMENSION, CLIPPING, new byte[32])
                .encoding();
        EncodingParameters nothing = new EncodingParameters(
                encoding.dimension(),
                encoding.clipNorm(),
                encoding.scale(),
                encoding.bits(),
                encoding.rotationSeed(),
                encoding.noiseSigma());
        float[] canary = new float[DIMENSION];
        canary[5] = 9;
        SeededBytes random = new SeededBytes(seed);
        SplittableRandom coins = new SplittableRandom(seed);
        BitSet inserted = new BitSet();
        double[] scores = new double[SUMS];
        for (int trial = 0; trial < SUMS; trial++) {
            int[] sum = new int[encoding.paddedDimension()];
            for (int device = 1; device < DEVICES; device++) {
                add(sum, new UpdateEncoder(nothing).encode(new float[DIMENSION + 1], random::fill));
            }
            if (coins.nextBoolean()) {
                inserted.set(trial);
                add(sum, new UpdateEncoder(encoding).encode(canary, random::fill));
                leak.into(sum, encoding);
            } else {
                add(sum, new UpdateEncoder(nothing).encode(new float[DIMENSION + 1], random::fill));
            }
            scores[trial] = score(sum, encoding);
        }
        var guesses = OneRunAudit.of(scores, inserted, SUMS / 2);
        double[] with = inserted.stream().mapToDouble(i -> scores[i]).toArray();
        double[] without =
                Arrays.stream(complement(inserted)).mapToDouble(i -> scores[i]).toArray();
        var cosines = new CosineAudit(CosineAudit.Sample.of(with), CosineAudit.Sample.of(without));
        return Math.max(
                guesses.epsilonLowerBound(GOAL.delta(), CONFIDENCE),
                cosines.epsilonLowerBound(GOAL.delta(), CONFIDENCE));
    }

    private static int[] complement(BitSet inserted) {
        BitSet others = (BitSet) inserted.clone();
        others.flip(0, SUMS);
        return others.stream().toArray();
    }

    /** Along what the canary puts in: its clipped update, and its place outside the count. */
    private static double score(int[] sum, EncodingParameters encoding) {
        SumDecoder decoder = new SumDecoder(encoding);
        double count = (2 * decoder.partWithinClipNorm(sum, DEVICES) - 1) * DEVICES * encoding.indicator();
        return decoder.decode(sum)[5] * encoding.clipNorm() - count * encoding.indicator();
    }

    private static void add(int[] sum, int[] encoded) {
        Arrays.setAll(sum, i -> sum[i] + encoded[i]);
    }
}
