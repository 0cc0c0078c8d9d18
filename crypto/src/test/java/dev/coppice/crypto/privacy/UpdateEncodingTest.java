package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sum of several devices' encoded updates says about them. */
class UpdateEncodingTest {
    private static final PrivacyGoal GOAL = new PrivacyGoal(8, 1e-8, 6);
    private static final double CLIP = 0.5;

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void withoutNoiseTheSumIsThatOfTheUpdatesButForRounding(long seed) throws PrivacyRefusedException {
        var random = new SplittableRandom(seed);
        int devices = random.nextInt(1, 20);
        int dimension = random.nextInt(1, 3000);
        var encoding =
                NoisePlan.off(cohort(devices), dimension, CLIP, seed(seed)).encoding();
        int[] sum = new int[encoding.paddedDimension()];
        double[] expected = new double[dimension];
        for (int device = 0; device < devices; device++) {
            float[] update = direction(dimension, seed + device, CLIP * random.nextDouble());
            add(sum, encode(encoding, update, device));
            for (int i = 0; i < dimension; i++) {
                expected[i] += update[i];
            }
        }
        double error = distance(new SumDecoder(encoding).decode(sum), expected);
        assertThat(error)
                .isLessThan(1e-6 + Math.sqrt(devices * (double) encoding.paddedDimension()) / encoding.scale());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.25, 0.499})
    void anUpdateWithinTheClipNormIsKeptAsItIs(double norm) throws PrivacyRefusedException {
        var encoding = NoisePlan.off(cohort(1), 1000, CLIP, seed(1)).encoding();
        float[] update = direction(1000, 5, norm);
        float[] decoded = new SumDecoder(encoding).decode(encode(encoding, update, 1));
        assertThat(distance(decoded, update)).isLessThan(0.01 * CLIP);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void anUpdateAHundredTimesTooLongMovesTheSumNoFurtherThanTheSensitivity(long seed) throws PrivacyRefusedException {
        var encoding = NoisePlan.off(cohort(10), 1000, CLIP, seed(seed)).encoding();
        float[] update = direction(1000, seed, 100 * CLIP);
        int[] without = encode(encoding, direction(1000, seed + 1, CLIP), 1);
        int[] with = without.clone();
        add(with, encode(encoding, update, 2));
        var decoder = new SumDecoder(encoding);
        double moved = distance(decoder.decode(with), decoder.decode(without));
        assertThat(moved).isLessThanOrEqualTo(Calibration.sensitivity(encoding) / encoding.scale() * (1 + 1e-6));
        assertThat(moved).isCloseTo(CLIP, within(0.02 * CLIP)); // clipped to the norm, not thrown away
    }

    /** What sensitivity is claimed of is the vector of integers: here it is measured, with no floating point between. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theIntegersOfAnyUpdateAreNoLongerThanTheSensitivity(long seed) {
        for (double norm : new double[] {1e-9, CLIP, 7 * CLIP, 1e30}) {
            for (double scale : new double[] {1, 30, 1000}) {
                var encoding = new EncodingParameters(500, CLIP, scale, 32, RotationSeed.of(seed(seed)), 0);
                int[] encoded = encode(encoding, direction(500, seed, norm), seed);
                double squares =
                        Arrays.stream(encoded).mapToDouble(v -> (double) v * v).sum();
                assertThat(Math.sqrt(squares))
                        .as("norm %s, scale %s", norm, scale)
                        .isLessThanOrEqualTo(Calibration.sensitivity(encoding));
            }
        }
    }

    /** The update that rounding lengthens the most: scaled and rotated, all its values are 8 and a half. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void noLuckInRoundingMakesAnUpdateLongerThanTheSensitivity(long seed) {
        double scale = 8.5 * 32 / CLIP;
        var encoding = new EncodingParameters(1024, CLIP, scale, 32, RotationSeed.of(seed(seed)), 0);
        double[] values = new double[1024];
        Arrays.fill(values, 8.5 / scale);
        new Rotation(encoding.rotationSeed(), 1024).undo(values);
        for (int i = 0; i < 200; i++) {
            int[] encoded = encode(encoding, narrow(values), 1000 * seed + i);
            double squares =
                    Arrays.stream(encoded).mapToDouble(v -> (double) v * v).sum();
            assertThat(Math.sqrt(squares)).isLessThanOrEqualTo(Calibration.sensitivity(encoding));
        }
    }

    @Test
    void theSecretThatTheNoiseWasMadeFromIsWiped() throws PrivacyRefusedException {
        var encoding = NoisePlan.calibrate(GOAL, cohort(20), 10, CLIP, seed(1)).encoding();
        byte[][] given = new byte[1][];
        new UpdateEncoder(encoding).encode(new float[10], bytes -> {
            Arrays.fill(bytes, (byte) 7);
            given[0] = bytes;
        });
        assertThat(given[0]).hasSize(32).containsOnly(0);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theNoiseOfASumHasThePromisedVariance(long seed) throws PrivacyRefusedException {
        int devices = 20;
        var plan = NoisePlan.calibrate(GOAL, cohort(devices), 8000, CLIP, seed(seed));
        var encoding = plan.encoding();
        int[] sum = new int[encoding.paddedDimension()];
        for (int device = 0; device < devices; device++) {
            add(sum, encode(encoding, new float[8000], 100 * seed + device));
        }
        float[] decoded = new SumDecoder(encoding).decode(sum);
        double variance = 0;
        for (float value : decoded) {
            variance += (double) value * value / decoded.length;
        }
        double deviation = Math.sqrt(variance) * encoding.scale();
        double promised = Math.sqrt(devices) * encoding.noiseSigma();
        assertThat(deviation / promised).isCloseTo(1, within(5.5 / Math.sqrt(2 * 8000)));
        double honest = deviation * Math.sqrt((double) plan.honestMin() / devices);
        assertThat(honest / Calibration.sensitivity(encoding))
                .as("noise of the honest part, in sensitivities")
                .isGreaterThan(0.95 * plan.noiseMultiplier());
    }

    @Test
    void noiseIsAddedToEveryCoordinateOfEveryUpload() throws PrivacyRefusedException {
        var encoding =
                NoisePlan.calibrate(GOAL, cohort(20), 1000, CLIP, seed(1)).encoding();
        int[] first = encode(encoding, new float[1000], 1);
        int[] second = encode(encoding, new float[1000], 2);
        long still = 0;
        for (int i = 0; i < first.length; i++) {
            still += first[i] == 0 || first[i] == second[i] ? 1 : 0;
        }
        assertThat(still).isLessThan(first.length / 20);
    }

    /** All devices push one rotated coordinate as far as the clip lets them: the sum that is nearest to wrapping around. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100, 300})
    void alignedUpdatesOfAWholeCohortDoNotOverflow(int devices) throws PrivacyRefusedException {
        var encoding =
                NoisePlan.calibrate(GOAL, cohort(devices), 1024, CLIP, seed(3)).encoding();
        double[] axis = new double[1024];
        axis[17] = -CLIP;
        new Rotation(encoding.rotationSeed(), 1024).undo(axis);
        float[] update = narrow(axis);
        int[] sum = new int[1024];
        for (int device = 0; device < devices; device++) {
            add(sum, encode(encoding, update, device));
        }
        float[] decoded = new SumDecoder(encoding).decode(sum);
        double[] expected = Arrays.stream(axis).map(value -> value * devices).toArray();
        double noise = Math.sqrt(1024.0 * devices) * encoding.noiseSigma() / encoding.scale();
        assertThat(distance(decoded, expected)).isLessThan(1.5 * noise);
    }

    @Test
    void valuesStayBelowTwoToTheBits() throws PrivacyRefusedException {
        var encoding =
                NoisePlan.calibrate(GOAL, cohort(20), 1000, CLIP, seed(1)).encoding();
        assertThat(encoding.bits()).isLessThan(32);
        int[] encoded = encode(encoding, direction(1000, 1, CLIP), 1);
        assertThat(encoded).hasSize(1024);
        assertThat(Arrays.stream(encoded).max().orElseThrow()).isLessThan(1 << encoding.bits());
        assertThat(Arrays.stream(encoded).min().orElseThrow()).isNotNegative();
    }

    @Test
    void bitsAboveThoseOfTheEncodingAreIgnored() {
        var encoding = new EncodingParameters(2, 1, 10, 8, RotationSeed.of(seed(1)), 0);
        var decoder = new SumDecoder(encoding);
        assertThat(decoder.decode(new int[] {0x7F00 | 0xFF, 0x100})).isEqualTo(decoder.decode(new int[] {-1, 0}));
    }

    @Test
    void theSameSourceGivesTheSameUploadAndAnotherGivesAnother() throws PrivacyRefusedException {
        var encoding =
                NoisePlan.calibrate(GOAL, cohort(20), 1000, CLIP, seed(1)).encoding();
        float[] update = direction(1000, 1, CLIP);
        assertThat(encode(encoding, update, 1)).isEqualTo(encode(encoding, update, 1));
        assertThat(encode(encoding, update, 1)).isNotEqualTo(encode(encoding, update, 2));
    }

    @Test
    void anEncoderRemembersNothingOfTheUpdateBefore() throws PrivacyRefusedException {
        var encoding = NoisePlan.off(cohort(3), 5, CLIP, seed(1)).encoding();
        var encoder = new UpdateEncoder(encoding);
        encoder.encode(direction(5, 1, CLIP), new SeededBytes(1)::fill);
        assertThat(encoder.encode(new float[5], new SeededBytes(2)::fill)).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void anUpdateThatIsNotFiniteIsRefused(float value) throws PrivacyRefusedException {
        var encoding = NoisePlan.off(cohort(3), 5, CLIP, seed(1)).encoding();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encode(encoding, new float[] {0, value, 0, 0, 0}, 1))
                .withMessageContaining("finite");
    }

    @Test
    void anotherLengthIsRefused() throws PrivacyRefusedException {
        var encoding = NoisePlan.off(cohort(3), 5, CLIP, seed(1)).encoding();
        assertThatIllegalArgumentException().isThrownBy(() -> encode(encoding, new float[4], 1));
        assertThatIllegalArgumentException().isThrownBy(() -> encode(encoding, new float[8], 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new SumDecoder(encoding).decode(new int[5]));
    }

    private static int[] encode(EncodingParameters encoding, float[] update, long seed) {
        return new UpdateEncoder(encoding).encode(update, new SeededBytes(seed)::fill);
    }

    private static CohortBounds cohort(int devices) {
        return new CohortBounds(devices, devices, 0.1, 0.05);
    }

    private static byte[] seed(long seed) {
        byte[] bytes = new byte[RotationSeed.BYTES];
        new SeededBytes(seed).fill(bytes);
        return bytes;
    }

    private static float[] direction(int dimension, long seed, double norm) {
        var random = new SplittableRandom(seed);
        double[] values = random.doubles(dimension, -1, 1).toArray();
        double length = Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
        Arrays.setAll(values, i -> values[i] / length * norm);
        return narrow(values);
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    private static void add(int[] sum, int[] encoded) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += encoded[i];
        }
    }

    private static double distance(float[] one, double[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return Math.sqrt(squares);
    }

    private static double distance(float[] one, float[] other) {
        double[] wide = new double[other.length];
        Arrays.setAll(wide, i -> other[i]);
        return distance(one, wide);
    }
}
