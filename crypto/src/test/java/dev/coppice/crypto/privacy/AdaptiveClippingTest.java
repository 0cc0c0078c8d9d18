package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdaptiveClippingTest {
    private static final int DEVICES = 100;
    private static final int DIMENSION = 200;
    private static final PrivacyGoal GOAL = new PrivacyGoal(8, 1e-8, 6);
    private static final Clipping.Adaptive MEDIAN = new Clipping.Adaptive(1, 0.5, 0.2);
    private static final CohortBounds COHORT = new CohortBounds(DEVICES, DEVICES, 0.05, 0.1);
    private static final Cohort COHORT_MESSAGE = Cohort.newBuilder()
            .setSizeMin(DEVICES)
            .setSizeMax(DEVICES)
            .setDropoutBound(0.05)
            .setCorruptionBound(0.1)
            .build();

    /** Norms are spread evenly over the logarithms from 1/e to e, times 5. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theNormComesToTheQuantileOfTheUpdatesUnderNoiseAndStaysThere(long seed) throws PrivacyRefusedException {
        for (double quantile : new double[] {0.3, 0.8}) {
            var clipping = new Clipping.Adaptive(1, quantile, 0.2);
            EncodingParameters encoding = NoisePlan.calibrate(GOAL, COHORT, DIMENSION, clipping, new byte[32])
                    .encoding();
            double wanted = 5 * Math.exp(2 * quantile - 1);
            for (int round = 0; round < 45; round++) {
                int[] sum = sum(encoding, seed, round);
                double part = new SumDecoder(encoding).partWithinClipNorm(sum, DEVICES);
                encoding = encoding.withClipNorm(clipping.next(encoding.clipNorm(), part));
                if (round > 30) {
                    assertThat(encoding.clipNorm()).isBetween(wanted * 0.75, wanted / 0.75);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void withoutNoiseTheCountIsTheNumberOfUpdatesWithinTheNorm(long seed) throws PrivacyRefusedException {
        EncodingParameters encoding = NoisePlan.off(COHORT, DIMENSION, new Clipping.Adaptive(5, 0.5, 0.2), new byte[32])
                .encoding();
        var random = new SplittableRandom(seed);
        int[] sum = new int[encoding.paddedDimension()];
        double[] expected = new double[DIMENSION];
        int inside = 0;
        for (int device = 0; device < DEVICES; device++) {
            double norm = 10 * random.nextDouble();
            float[] update = update(norm, random);
            add(sum, new UpdateEncoder(encoding).encode(update, new SeededBytes(seed + device)::fill));
            inside += norm <= 5 ? 1 : 0;
            for (int i = 0; i < DIMENSION; i++) {
                expected[i] += update[i] * Math.min(1, 5 / norm);
            }
        }
        SumDecoder decoder = new SumDecoder(encoding);
        assertThat(DEVICES * decoder.partWithinClipNorm(sum, DEVICES)).isCloseTo(inside, within(0.5));
        float[] decoded = decoder.decode(sum);
        assertThat(decoded).hasSize(DIMENSION);
        for (int i = 0; i < DIMENSION; i++) {
            assertThat((double) decoded[i]).isCloseTo(expected[i], within(0.2));
        }
    }

    /** What the aggregator may learn of one device: of its update and of its count, together. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void updateAndCountTogetherAreNoLongerThanTheSensitivity(long seed) {
        for (double norm : new double[] {0, 0.5, 1, 9}) {
            var encoding =
                    new EncodingParameters(501, 1, 300, 32, RotationSeed.of(new byte[32]), 0, seed % 2 == 0 ? 1 : 0.3);
            float[] update = Arrays.copyOf(update(norm, new SplittableRandom(seed)), 500);
            int[] encoded = new UpdateEncoder(encoding).encode(update, new SeededBytes(seed)::fill);
            double squares =
                    Arrays.stream(encoded).mapToDouble(v -> (double) v * v).sum();
            assertThat(Math.sqrt(squares)).isLessThanOrEqualTo(Calibration.sensitivity(encoding));
        }
    }

    /** Section 3 of the paper: {@code z^-2 = z_update^-2 + (2 sigma_b)^-2}. */
    @Test
    void theBudgetIsDividedAsInThePaper() throws PrivacyRefusedException {
        NoisePlan plan = NoisePlan.calibrate(GOAL, COHORT, DIMENSION, MEDIAN, new byte[32]);
        EncodingParameters encoding = plan.encoding();
        double deviation = encoding.noiseSigma() * Math.sqrt(plan.honestMin());
        double count = deviation / (2 * encoding.scale() * encoding.indicator());
        double update = deviation / (encoding.scale() * encoding.clipNorm());
        double whole = 1 / Math.sqrt(Math.pow(update, -2) + Math.pow(2 * count, -2));
        assertThat(whole).isCloseTo(plan.noiseMultiplier(), within(0.01 * whole)); // but for rounding
        assertThat(count).isCloseTo(0.05 * COHORT.survivorsMin(DEVICES), within(0.5));
        assertThat(plan.epsilon()).isLessThanOrEqualTo(8).isGreaterThan(7.5);
        NoisePlan fixed = NoisePlan.calibrate(GOAL, COHORT, DIMENSION, 1, new byte[32]);
        assertThat(encoding.noiseSigma() / encoding.scale())
                .isGreaterThan(fixed.encoding().noiseSigma() / fixed.encoding().scale());
    }

    @Test
    void aSmallCohortDoesNotSpendMostOfItsBudgetOnTheCount() throws PrivacyRefusedException {
        NoisePlan plan =
                NoisePlan.calibrate(GOAL, new CohortBounds(10, 10, 0.05, 0.1), DIMENSION, MEDIAN, new byte[32]);
        assertThat(plan.encoding().indicator()).isEqualTo(0.5);
    }

    @Test
    void anotherNormChangesNeitherNoiseNorPrivacy() throws PrivacyRefusedException {
        NoisePlan plan = NoisePlan.calibrate(GOAL, COHORT, DIMENSION, MEDIAN, new byte[32]);
        for (double norm : new double[] {1e-3, 0.7, 1, 123.4}) {
            Encoding moved = plan.encoding().withClipNorm(norm).toMessage();
            NoisePlan same = NoisePlan.verify(moved, plan.toMessage(), COHORT_MESSAGE);
            assertThat(same.noiseMultiplier()).isCloseTo(plan.noiseMultiplier(), within(1e-9));
            assertThat(same.encoding().clipNorm()).isEqualTo(norm);
            assertThat(same.encoding().bits()).isEqualTo(plan.encoding().bits());
        }
    }

    @Test
    void aCountThatTheNoiseWasNotPlannedForIsRefused() throws PrivacyRefusedException {
        NoisePlan plan = NoisePlan.calibrate(GOAL, COHORT, DIMENSION, MEDIAN, new byte[32]);
        Encoding louder =
                plan.encoding().toMessage().toBuilder().setIndicator(0.9).build();
        assertThatExceptionOfType(PrivacyRefusedException.class)
                .isThrownBy(() -> NoisePlan.verify(louder, plan.toMessage(), COHORT_MESSAGE));
        for (double impossible : new double[] {-1, 1.01, Double.NaN}) {
            Encoding encoding = louder.toBuilder().setIndicator(impossible).build();
            assertThatExceptionOfType(PrivacyRefusedException.class)
                    .isThrownBy(() -> NoisePlan.verify(encoding, plan.toMessage(), COHORT_MESSAGE));
        }
    }

    @Test
    void aNoisyCountMovesTheNormByOneStepAtMostAndNeverOutOfReach() {
        assertThat(MEDIAN.next(2, 0.5)).isEqualTo(2);
        assertThat(MEDIAN.next(2, 0)).isCloseTo(2 * Math.exp(0.1), within(1e-12));
        assertThat(MEDIAN.next(2, -40)).isEqualTo(MEDIAN.next(2, 0));
        assertThat(MEDIAN.next(2, 40)).isEqualTo(MEDIAN.next(2, 1));
        double norm = 1;
        for (int round = 0; round < 1000; round++) {
            norm = MEDIAN.next(norm, 1);
        }
        assertThat(norm).isEqualTo(1e-3);
    }

    @Test
    void aFixedClipCountsNobody() throws PrivacyRefusedException {
        EncodingParameters encoding =
                NoisePlan.calibrate(GOAL, COHORT, DIMENSION, 1, new byte[32]).encoding();
        assertThat(encoding.hasIndicator()).isFalse();
        assertThat(encoding.updateDimension()).isEqualTo(DIMENSION);
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        new SumDecoder(encoding).partWithinClipNorm(new int[encoding.paddedDimension()], DEVICES));
    }

    @Test
    void whatIsNoQuantileOrRateIsRefused() {
        for (double wrong : new double[] {0, 1, -0.1, Double.NaN}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Clipping.Adaptive(1, wrong, 0.2));
        }
        for (double wrong : new double[] {0, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Clipping.Adaptive(1, 0.5, wrong));
        }
    }

    private static int[] sum(EncodingParameters encoding, long seed, int round) {
        var random = new SplittableRandom(seed * 1000 + round);
        int[] sum = new int[encoding.paddedDimension()];
        for (int device = 0; device < DEVICES; device++) {
            float[] update = update(5 * Math.exp(2 * random.nextDouble() - 1), random);
            add(sum, new UpdateEncoder(encoding).encode(update, new SeededBytes(random.nextLong())::fill));
        }
        return sum;
    }

    private static float[] update(double norm, SplittableRandom random) {
        float[] update = new float[DIMENSION];
        double squares = 0;
        for (int i = 0; i < DIMENSION; i++) {
            update[i] = (float) (random.nextDouble() - 0.5);
            squares += update[i] * update[i];
        }
        for (int i = 0; i < DIMENSION; i++) {
            update[i] *= (float) (norm / Math.sqrt(squares));
        }
        return update;
    }

    private static void add(int[] sum, int[] encoded) {
        Arrays.setAll(sum, i -> sum[i] + encoded[i]);
    }
}
