package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiscreteGaussianTest {
    private static final int SAMPLES = 400_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 7, 30})
    void samplesFollowTheExactProbabilities(int sigma) {
        int reach = 5 * sigma;
        double[] expected = expectedCounts(sigma, reach);
        long[] counts = new long[2 * reach + 3];
        for (int sample : samples(sigma, 11)) {
            counts[Math.max(-reach - 1, Math.min(sample, reach + 1)) + reach + 1]++;
        }
        ChiSquare.assertFits(counts, expected);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void momentsAreThoseOfTheDistribution(long seed) {
        for (int sigma : new int[] {4, 113, 1 << 20}) {
            int[] samples = samples(sigma, seed);
            double standardError = sigma / Math.sqrt(SAMPLES);
            assertThat(moment(samples, 1)).isCloseTo(0, within(5.5 * standardError));
            double variance = moment(samples, 2) / ((double) sigma * sigma);
            assertThat(variance).isCloseTo(1, within(5.5 * Math.sqrt(2.0 / SAMPLES)));
            double kurtosis = moment(samples, 4) / Math.pow(sigma, 4);
            assertThat(kurtosis).isCloseTo(3, within(5.5 * Math.sqrt(96.0 / SAMPLES)));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void bothSignsAreEquallyLikely(long seed) {
        int[] samples = samples(4, seed);
        long below = Arrays.stream(samples).filter(sample -> sample < 0).count();
        long above = Arrays.stream(samples).filter(sample -> sample > 0).count();
        assertThat((double) (above - below)).isCloseTo(0, within(5.5 * Math.sqrt(SAMPLES)));
    }

    @ParameterizedTest(name = "{0} of {1}")
    @CsvSource({"0, 3", "1, 3", "2, 3", "3, 3", "1, 1000003", "999999, 1000000", "1, 2", "5, 2305843009213693951"})
    void aFractionComesUpAsOftenAsItSays(long numerator, long denominator) {
        var bits = bits(5);
        int draws = 200_000;
        int hits = 0;
        for (int i = 0; i < draws; i++) {
            hits += DiscreteGaussian.bernoulli(numerator, denominator, bits) ? 1 : 0;
        }
        double p = (double) numerator / denominator;
        assertThat((double) hits).isCloseTo(p * draws, within(5.5 * Math.sqrt(draws * p * (1 - p)) + 1e-3));
    }

    /** With digits of 16 bits, or fewer, nearly every comparison must go on to the next ones. */
    @ParameterizedTest
    @ValueSource(ints = {45, 50, 55, 59, 60})
    void fractionsOfLongDenominatorsAreComparedToTheEnd(int exponent) {
        long denominator = (1L << exponent) + 1;
        var bits = bits(exponent);
        int draws = 200_000;
        int hits = 0;
        for (int i = 0; i < draws; i++) {
            hits += DiscreteGaussian.bernoulli(denominator / 3, denominator, bits) ? 1 : 0;
        }
        assertThat((double) hits).isCloseTo(draws / 3.0, within(5.5 * Math.sqrt(draws * 2.0 / 9)));
    }

    @ParameterizedTest(name = "exp(-{0}/{1})")
    @CsvSource({"0, 7", "1, 7", "3, 7", "7, 7", "1, 1"})
    void anExponentialComesUpAsOftenAsItSays(long numerator, long denominator) {
        var bits = bits(6);
        int draws = 200_000;
        int hits = 0;
        for (int i = 0; i < draws; i++) {
            hits += DiscreteGaussian.bernoulliExpUpToOne(numerator, denominator, bits) ? 1 : 0;
        }
        double p = Math.exp(-(double) numerator / denominator);
        assertThat((double) hits).isCloseTo(p * draws, within(5.5 * Math.sqrt(draws * p * (1 - p)) + 1e-3));
    }

    @Test
    void samplesAreAddedToWhatIsThere() {
        int[] values = new int[1000];
        Arrays.fill(values, 1_000_000);
        new DiscreteGaussian(4).addTo(values, new SeededBytes(3)::fill);
        int[] noise = new int[1000];
        new DiscreteGaussian(4).addTo(noise, new SeededBytes(3)::fill);
        assertThat(Arrays.stream(noise).filter(sample -> sample != 0).count()).isGreaterThan(800);
        Arrays.setAll(noise, i -> noise[i] + 1_000_000);
        assertThat(values).isEqualTo(noise);
    }

    @Test
    void theSecretThatTheNoiseWasMadeFromIsWiped() {
        byte[][] given = new byte[1][];
        new DiscreteGaussian(4).addTo(new int[10], bytes -> {
            Arrays.fill(bytes, (byte) 7);
            given[0] = bytes;
        });
        assertThat(given[0]).hasSize(32).containsOnly(0);
    }

    @Test
    void anotherSourceGivesOtherNoise() {
        assertThat(samples(50, 1)).isNotEqualTo(samples(50, 2));
    }

    @Test
    void aSigmaOutOfRangeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DiscreteGaussian(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new DiscreteGaussian((1 << 20) + 1));
    }

    private static int[] samples(int sigma, long seed) {
        int[] samples = new int[SAMPLES];
        new DiscreteGaussian(sigma).addTo(samples, new SeededBytes(seed)::fill);
        return samples;
    }

    private static RandomBits bits(long seed) {
        byte[] key = new byte[RandomBits.KEY_BYTES];
        new SeededBytes(seed).fill(key);
        return new RandomBits(key);
    }

    /** For each value from -reach to reach, and for both tails. */
    private static double[] expectedCounts(int sigma, int reach) {
        double total = 0;
        for (int x = -40 * sigma; x <= 40 * sigma; x++) {
            total += weight(x, sigma);
        }
        double[] counts = new double[2 * reach + 3];
        double within = 0;
        for (int x = -reach; x <= reach; x++) {
            counts[x + reach + 1] = SAMPLES * weight(x, sigma) / total;
            within += weight(x, sigma) / total;
        }
        counts[0] = SAMPLES * (1 - within) / 2;
        counts[2 * reach + 2] = counts[0];
        return counts;
    }

    private static double weight(int x, int sigma) {
        return Math.exp(-(double) x * x / (2.0 * sigma * sigma));
    }

    private static double moment(int[] samples, int power) {
        return Arrays.stream(samples)
                .mapToDouble(sample -> Math.pow(sample, power))
                .average()
                .orElseThrow();
    }
}
