package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.testkit.SeededBytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableGaussianTest {
    private static final int SAMPLES = 400_000;
    private static final MathContext DIGITS = new MathContext(60, RoundingMode.HALF_EVEN);
    private static final BigDecimal UNIT = BigDecimal.ONE.divide(new BigDecimal(BigInteger.ONE.shiftLeft(93)), DIGITS);

    /** Against decimal arithmetic, which shares no line with the table's own. */
    @ParameterizedTest
    @ValueSource(longs = {1, 36, 255})
    void everyEntryIsTheExactProbabilityToTheLastBit(long variance) {
        GaussianTable table = new GaussianTable(variance);
        BigDecimal total = total(variance);
        BigDecimal sum = BigDecimal.ONE.negate();
        for (int j = 0; j < table.entries(); j++) {
            sum = sum.add(weight(j, variance).multiply(BigDecimal.valueOf(2)));
            BigDecimal entry = new BigDecimal(table.entry(j)).multiply(UNIT);
            assertThat(sum.divide(total, DIGITS).subtract(entry))
                    .as("entry %d", j)
                    .isBetween(UNIT.negate(), UNIT.multiply(new BigDecimal("1.001")));
        }
        BigDecimal largest = weight(table.entries(), variance).multiply(BigDecimal.valueOf(2));
        assertThat(total.subtract(sum.add(largest)).divide(total, DIGITS).doubleValue())
                .as("what never comes")
                .isLessThan(0x1p-90);
    }

    /** The probabilities that the tables amount to, summed up without sampling. */
    @ParameterizedTest
    @ValueSource(ints = {15, 16, 50})
    void theWholeIsAsNearToTheDistributionAsItSays(int sigma) {
        TableGaussian gaussian = new TableGaussian(sigma);
        BigDecimal[] made = {BigDecimal.ONE};
        int factor = 1;
        for (GaussianTable part : gaussian.parts()) {
            made = convolved(made, probabilities(part), factor);
            factor *= 3;
        }
        int reach = made.length / 2;
        BigDecimal total = total((long) sigma * sigma);
        BigDecimal apart = BigDecimal.ZERO;
        BigDecimal counted = BigDecimal.ZERO;
        for (int x = -reach; x <= reach; x++) {
            BigDecimal exact = weight(x, (long) sigma * sigma).divide(total, DIGITS);
            apart = apart.add(exact.subtract(made[x + reach]).abs());
            counted = counted.add(made[x + reach]);
        }
        assertThat(counted.subtract(BigDecimal.ONE).abs().doubleValue()).isLessThan(1e-50);
        assertThat(apart.doubleValue() / 2).isLessThan(gaussian.distance()).isPositive();
        assertThat(gaussian.distance()).isLessThan(0x1p-80);
    }

    /** What sampling sees one time in 2^31, or never: numbers that agree with an entry in their first words. */
    @Test
    void numbersAreComparedToTheLastBit() {
        GaussianTable table = new GaussianTable(40);
        int size = GaussianTable.Batch.SIZE;
        for (int j = 0; j < table.entries(); j++) {
            for (int off : new int[] {-1, 0, 1}) {
                BigInteger number = table.entry(j).add(BigInteger.valueOf(off));
                if (number.bitLength() > 93) {
                    continue;
                }
                int[] above = new int[size];
                table.countAbove(filled(number, 2), filled(number, 1), filled(number, 0), above);
                int expected = 0;
                for (int k = 0; k < table.entries(); k++) {
                    expected += table.entry(k).compareTo(number) > 0 ? 1 : 0;
                }
                assertThat(above).containsOnly(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 15, 16, 30, 170})
    void samplesFollowTheExactProbabilities(int sigma) {
        int reach = 5 * sigma;
        long[] counts = new long[2 * reach + 3];
        for (int sample : samples(sigma, 11)) {
            counts[Math.max(-reach - 1, Math.min(sample, reach + 1)) + reach + 1]++;
        }
        double total = total((long) sigma * sigma).doubleValue();
        double[] expected = new double[counts.length];
        double inside = 0;
        for (int x = -reach; x <= reach; x++) {
            double probability = Math.exp(-(double) x * x / (2.0 * sigma * sigma)) / total;
            expected[x + reach + 1] = SAMPLES * probability;
            inside += probability;
        }
        expected[0] = SAMPLES * (1 - inside) / 2;
        expected[2 * reach + 2] = expected[0];
        ChiSquare.assertFits(counts, expected);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void momentsAreThoseOfTheDistribution(long seed) {
        for (int sigma : new int[] {4, 113, 5000, 1 << 20}) {
            int[] samples = samples(sigma, seed);
            double mean = Arrays.stream(samples).average().orElseThrow();
            double square = Arrays.stream(samples)
                    .mapToDouble(x -> (double) x * x)
                    .average()
                    .orElseThrow();
            assertThat(mean).isCloseTo(0, within(5.5 * sigma / Math.sqrt(SAMPLES)));
            assertThat(square / ((double) sigma * sigma)).isCloseTo(1, within(5.5 * Math.sqrt(2.0 / SAMPLES)));
        }
    }

    @Test
    void neighboursInABatchAreIndependent() {
        int[] samples = samples(30, 3);
        for (int lag : new int[] {1, 2, 512, 1024}) {
            double product = 0;
            for (int i = lag; i < SAMPLES; i++) {
                product += (double) samples[i] * samples[i - lag];
            }
            assertThat(product / (900.0 * (SAMPLES - lag))).isCloseTo(0, within(5.5 / Math.sqrt(SAMPLES - lag)));
        }
    }

    @Test
    void theDistanceIsChargedForEverySampleOfEveryDevice() {
        double one = GaussianSampling.CONSTANT_TIME.delta(170, 1, 8);
        assertThat(one).isEqualTo((1 + Math.exp(8)) * new TableGaussian(170).distance());
        assertThat(GaussianSampling.CONSTANT_TIME.delta(170, 1000, 8)).isCloseTo(1000 * one, within(1e-12 * one));
        assertThat(GaussianSampling.EXACT.delta(170, 1e9, 8)).isZero();
    }

    @Test
    void aPlansDistanceIsFarBelowItsDelta() throws PrivacyRefusedException {
        NoisePlan plan = NoisePlan.calibrate(
                new PrivacyGoal(8, 1e-8, 6), new CohortBounds(1000, 1000, 0.05, 0.1), 1 << 18, 1, new byte[32]);
        double samples = (1 << 18) * 6.0 * plan.honestMin();
        double charged = GaussianSampling.CONSTANT_TIME.delta(plan);
        assertThat(charged)
                .isEqualTo(GaussianSampling.CONSTANT_TIME.delta(
                        (int) plan.encoding().noiseSigma(), samples, plan.epsilon()))
                .isBetween(Double.MIN_VALUE, 1e-3 * plan.delta());
    }

    /** Its own epsilon, with what goes with it taken out of delta: a fixed point, reached from above. */
    @Test
    void aPlansEpsilonPaysForTheDistanceOutOfDelta() throws PrivacyRefusedException {
        CohortBounds cohort = new CohortBounds(1000, 1000, 0.05, 0.1);
        NoisePlan plan = NoisePlan.calibrate(new PrivacyGoal(8, 1e-8, 6), cohort, 1 << 18, 1, new byte[32]);
        assertThat(plan.epsilon(GaussianSampling.EXACT)).isEqualTo(plan.epsilon());
        double paid = plan.epsilon(GaussianSampling.CONSTANT_TIME);
        assertThat(paid).isGreaterThan(plan.epsilon()).isLessThan(plan.epsilon() * 1.001);
        double samples = (1 << 18) * 6.0 * plan.honestMin();
        double off = GaussianSampling.CONSTANT_TIME.delta((int) plan.encoding().noiseSigma(), samples, paid);
        NoisePlan stricter = new NoisePlan(
                plan.source(), plan.noiseMultiplier(), plan.encoding(), 0, paid, 1e-8 - off, 6, plan.honestMin());
        assertThat(stricter.epsilon(GaussianSampling.EXACT)).isBetween(paid * (1 - 1e-8), paid);
        NoisePlan hopeless = NoisePlan.calibrate(new PrivacyGoal(8, 1e-13, 6), cohort, 1 << 18, 1, new byte[32]);
        assertThat(hopeless.epsilon(GaussianSampling.CONSTANT_TIME)).isInfinite();
        NoisePlan silent = NoisePlan.off(cohort, 1 << 10, 1, new byte[32]);
        assertThat(silent.epsilon(GaussianSampling.EXACT)).isInfinite();
    }

    @Test
    void aSigmaOutOfRangeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TableGaussian(0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TableGaussian((1 << 20) + 1));
    }

    private static int[] samples(int sigma, long seed) {
        byte[] key = new byte[RandomBits.KEY_BYTES];
        new SeededBytes(seed).fill(key);
        int[] samples = new int[SAMPLES];
        try (RandomBits bits = new RandomBits(key)) {
            new TableGaussian(sigma).addTo(samples, bits);
        }
        return samples;
    }

    private static int[] filled(BigInteger number, int word) {
        int[] words = new int[GaussianTable.Batch.SIZE];
        Arrays.fill(words, number.shiftRight(31 * word).intValue() & Integer.MAX_VALUE);
        return words;
    }

    /** From -entries to entries. */
    private static BigDecimal[] probabilities(GaussianTable table) {
        int reach = table.entries();
        BigDecimal[] probabilities = new BigDecimal[2 * reach + 1];
        BigInteger before = BigInteger.ZERO;
        for (int j = 0; j <= reach; j++) {
            BigInteger entry = j == reach ? BigInteger.ONE.shiftLeft(93) : table.entry(j);
            BigDecimal both = new BigDecimal(entry.subtract(before)).multiply(UNIT);
            probabilities[reach + j] = j == 0 ? both : both.divide(BigDecimal.valueOf(2), DIGITS);
            probabilities[reach - j] = probabilities[reach + j];
            before = entry;
        }
        return probabilities;
    }

    /** Of X + factor Y, symmetric around the middle. */
    private static BigDecimal[] convolved(BigDecimal[] x, BigDecimal[] y, int factor) {
        int reach = x.length / 2 + factor * (y.length / 2);
        BigDecimal[] sums = new BigDecimal[2 * reach + 1];
        Arrays.fill(sums, BigDecimal.ZERO);
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < y.length; j++) {
                int at = i + factor * j;
                sums[at] = sums[at].add(x[i].multiply(y[j], DIGITS), DIGITS);
            }
        }
        return sums;
    }

    private static BigDecimal total(long variance) {
        BigDecimal total = BigDecimal.ONE;
        int reach = (int) (17 * Math.sqrt((double) variance)) + 2;
        for (int x = 1; x <= reach; x++) {
            total = total.add(weight(x, variance).multiply(BigDecimal.valueOf(2)));
        }
        return total;
    }

    /** {@code exp(-x^2 / (2 variance))}: the series at a 2^-20th of the exponent, squared twenty times. */
    private static BigDecimal weight(long x, long variance) {
        MathContext more = new MathContext(80, RoundingMode.HALF_EVEN);
        BigDecimal exponent = BigDecimal.valueOf(-x * x)
                .divide(BigDecimal.valueOf(2 * variance), more)
                .divide(BigDecimal.valueOf(1 << 20), more);
        BigDecimal term = BigDecimal.ONE;
        BigDecimal sum = BigDecimal.ONE;
        for (int n = 1; n < 25; n++) {
            term = term.multiply(exponent, more).divide(BigDecimal.valueOf(n), more);
            sum = sum.add(term, more);
        }
        for (int i = 0; i < 20; i++) {
            sum = sum.multiply(sum, more);
        }
        return sum;
    }
}
