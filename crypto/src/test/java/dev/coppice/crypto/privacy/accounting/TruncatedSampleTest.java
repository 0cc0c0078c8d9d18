package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.TruncatedSample;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Samples of which no more than so many are kept. What they cost is compared with what they do, worked out in full. */
class TruncatedSampleTest {
    private static final PldAccountant PLD = PldAccountant.usual();
    private static final double STEP = 2e-3;

    /** Others' values are what hurts most, among the least, none and the most; the person's is the most. */
    @ParameterizedTest(name = "{0} persons at {1}, at most {2}, noise {3}")
    @CsvSource({"3, 0.5, 2, 1", "3, 0.9, 1, 1.5", "4, 0.3, 1, 0.8", "4, 0.5, 2, 1", "3, 1, 2, 2"})
    void noPopulationIsToldMoreAboutThanIsCharged(int population, double rate, int sampleMax, double sigma)
            throws EventNotSupportedException {
        PrivacyEvent event = new TruncatedSample(population, rate, sampleMax, sigma);
        double[] epsilons = {0.1, 0.5, 1.5};
        double[] charged = new double[epsilons.length];
        for (int i = 0; i < epsilons.length; i++) {
            charged[i] = PLD.delta(event, epsilons[i]);
        }
        int worlds = (int) Math.pow(3, population - 1);
        for (int world = 0; world < worlds; world++) {
            List<Integer> others = new ArrayList<>();
            for (int i = 1, rest = world; i < population; i++, rest /= 3) {
                others.add(rest % 3 - 1);
            }
            List<Integer> all = new ArrayList<>(others);
            all.add(1);
            double[] with = density(all, rate, sampleMax, sigma);
            double[] without = density(others, rate, sampleMax, sigma);
            for (int i = 0; i < epsilons.length; i++) {
                assertThat(charged[i])
                        .as("others %s, epsilon %s", others, epsilons[i])
                        .isGreaterThan(excess(with, without, epsilons[i]) - 1e-9)
                        .isGreaterThan(excess(without, with, epsilons[i]) - 1e-9);
            }
        }
    }

    /** Where every sample is full, it is one value in the place of another, and nothing else: there the charge is exact. */
    @Test
    void whereOneValueReplacesAnotherTheChargeIsExact() throws EventNotSupportedException {
        double rate = 0.4;
        double sigma = 1.3;
        for (double epsilon : new double[] {0.05, 0.4, 1, 2}) {
            double[] up = new double[20_001];
            double[] down = new double[up.length];
            for (int i = 0; i < up.length; i++) {
                double x = (i - 10_000) * STEP;
                up[i] = (1 - rate) * normal(x, 0, sigma) + rate * normal(x, 1, sigma);
                down[i] = (1 - rate) * normal(x, 0, sigma) + rate * normal(x, -1, sigma);
            }
            double exact = excess(up, down, epsilon);
            LossDots.Pair dots = new ReplacedLoss(new NoiseShape.OfNormal(sigma), rate).onLattice(1e-4);
            for (LossDots direction : List.of(dots.removed(), dots.added())) {
                assertThat(LossDotsTest.delta(direction, epsilon)).isCloseTo(exact, within(1e-6));
            }
        }
    }

    @ParameterizedTest(name = "sigma {0}, rate {1}")
    @CsvSource({"0.5, 0.3", "0.05, 1e-9", "0.03, 0.999", "100, 0.5", "1, 1"})
    void everyLossIsFoundAgain(double sigma, double rate) {
        ReplacedLoss loss = new ReplacedLoss(new NoiseShape.OfNormal(sigma), rate);
        for (double part = -1; part <= 1; part += 0.125) {
            double x = part * loss.to();
            double value = loss.loss(x);
            assertThat(loss.loss(loss.place(value))).isCloseTo(value, within(1e-9 * Math.abs(value) + 1e-12));
            assertThat(loss.loss(-x)).isEqualTo(-value);
        }
    }

    @Test
    void aSampleThatIsNeverTooLargeCostsWhatItDoesUncut() throws EventNotSupportedException {
        PrivacyEvent uncut = new PoissonSampled(0.2, new Gaussian(1.5)).times(7);
        double epsilon = PLD.epsilon(uncut, 1e-6);
        assertThat(PLD.epsilon(new TruncatedSample(30, 0.2, 30, 1.5).times(7), 1e-6))
                .isEqualTo(epsilon);
        double last = Double.POSITIVE_INFINITY;
        for (int sampleMax : new int[] {4, 8, 12, 16, 29}) { // 6 of 30 on average
            double cut = PLD.epsilon(new TruncatedSample(30, 0.2, sampleMax, 1.5).times(7), 1e-6);
            assertThat(cut).isLessThan(last).isGreaterThan(epsilon * (1 - 1e-9));
            last = cut;
        }
        assertThat(last).isCloseTo(epsilon, within(1e-6));
    }

    @Test
    void nothingKeptIsNothingToldAndNoNoiseTellsAll() throws EventNotSupportedException {
        assertThat(PLD.epsilon(new TruncatedSample(9, 0.5, 0, 1), 1e-6)).isZero();
        assertThat(PLD.epsilon(new TruncatedSample(9, 0, 3, 1), 1e-6)).isZero();
        assertThat(PLD.epsilon(new TruncatedSample(9, 0.5, 3, Double.POSITIVE_INFINITY), 1e-6))
                .isZero();
        assertThat(PLD.epsilon(new TruncatedSample(9, 0.5, 3, 0), 1e-6)).isInfinite();
        assertThatThrownBy(() -> new TruncatedSample(0, 0.5, 3, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TruncatedSample(9, 1.5, 3, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TruncatedSample(9, 0.5, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Too many unlike ones for a lattice. */
    @Test
    void manyUnlikeOnesAddUpAsOnALattice() throws EventNotSupportedException {
        List<PrivacyEvent> events = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            events.add(new TruncatedSample(100, 0.1, 12, 3 * (1 + 1e-9 * i)));
        }
        double alike = PLD.epsilon(new TruncatedSample(100, 0.1, 12, 3).times(60), 1e-7);
        assertThat(PLD.epsilon(new PrivacyEvent.Composed(events), 1e-7))
                .isBetween(alike * (1 - 1e-6), alike * (1 + 1e-3));
    }

    @Test
    void otherAccountantsRefuseItByName() {
        for (Accountant accountant :
                List.of(RdpAccountant.usual(), ConcentratedAccountant.usual(), AnalyticGaussian.usual())) {
            assertThatThrownBy(() -> accountant.epsilon(new TruncatedSample(9, 0.5, 3, 1), 1e-6))
                    .isInstanceOf(EventNotSupportedException.class)
                    .hasMessageContaining("TruncatedSample");
        }
    }

    /** Of the noised sum over those kept: every sample, and of a large one every choice. */
    private static double[] density(List<Integer> values, double rate, int sampleMax, double sigma) {
        double[] density = new double[10_001];
        for (int sample = 0; sample < 1 << values.size(); sample++) {
            int sampled = Integer.bitCount(sample);
            double probability = Math.pow(rate, sampled) * Math.pow(1 - rate, values.size() - sampled);
            List<Integer> sums = new ArrayList<>();
            for (int kept = 0; kept < 1 << values.size(); kept++) {
                if ((kept & ~sample) == 0 && Integer.bitCount(kept) == Math.min(sampled, sampleMax)) {
                    sums.add(sum(values, kept));
                }
            }
            for (int sum : sums) {
                for (int i = 0; i < density.length; i++) {
                    density[i] += probability / sums.size() * normal((i - 5_000) * STEP, sum, sigma);
                }
            }
        }
        return density;
    }

    private static int sum(List<Integer> values, int kept) {
        int sum = 0;
        for (int i = 0; i < values.size(); i++) {
            sum += (kept >> i & 1) * values.get(i);
        }
        return sum;
    }

    private static double excess(double[] one, double[] other, double epsilon) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.max(0, one[i] - Math.exp(epsilon) * other[i]) * STEP;
        }
        return sum;
    }

    private static double normal(double x, double mean, double sigma) {
        double z = (x - mean) / sigma;
        return Math.exp(-z * z / 2) / (sigma * Math.sqrt(2 * Math.PI));
    }
}
