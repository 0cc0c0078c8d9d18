package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.accounting.GoldenRows.Row;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Composed;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Laplace;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.MixtureOfGaussians;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.testkit.TestData;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Expected values are those of Google's dp_accounting at b5b0286, unless a test names another source. */
class PldAccountantTest {
    private static final PldAccountant PLD = PldAccountant.usual();

    @ParameterizedTest(name = "sigma {0}, rate {1}, {2} releases, delta {3}")
    @CsvSource({
        "0.5, 1, 1, 1e-5, 9.997256150242434",
        "10, 1, 1, 1e-6, 0.39685742953212677",
        "50, 1, 2000, 1e-8, 5.103766413403534",
        "1.1, 0.01, 1000, 1e-5, 1.515370248221417",
        "0.7, 0.004266666666666667, 10575, 1e-5, 5.647266390835873",
        "1.1, 0.004266666666666667, 14100, 1e-5, 2.3852107840022665",
        "1, 0.001, 10000, 1e-6, 0.5553923558509162",
        "1, 0.001, 2000, 1e-6, 0.2522818205640376",
        "2, 0.1, 100, 1e-5, 2.3374001924288903",
        "1, 0.5, 30, 1e-5, 19.014441030906738",
        "2.5, 0.01, 50, 1e-5, 0.09945653984608188"
    })
    void epsilonIsTheReferencesOrALittleLess(double sigma, double rate, long count, double delta, double reference)
            throws EventNotSupportedException {
        double epsilon = PLD.epsilon(sampled(sigma, rate).times(count), delta);
        assertThat(epsilon).isBetween(reference * (1 - 6e-4), reference * (1 + 1e-5));
    }

    /** Chosen so that dots at every loss of 1 are seen in the open; of the published test only the tails are cut. */
    @Test
    void dotsOfAGaussianAreTheReferences() {
        LossDots dots = LossDots.onLattice(ShiftedLoss.sampled(new NoiseShape.OfNormal(1), 1), 1)
                .removed();
        double[] expected = {0.126282046, 0.319116756, 0.343270190};
        for (int loss = -1; loss <= 1; loss++) {
            assertThat(dots.masses[loss - (int) dots.losses[0]]).isCloseTo(expected[loss + 1], within(1e-9));
        }
    }

    /** Of one Gaussian all is known: the closed form, from below. */
    @ParameterizedTest(name = "sigma {0}, {1} releases, delta {2}")
    @CsvSource({
        "0.3, 1, 1e-5",
        "0.3, 1000000, 1e-15",
        "1, 1, 0.3",
        "1, 1, 0.01",
        "1, 1, 1e-15",
        "1000, 1, 1e-6",
        "1000, 1000000, 1e-15",
        "1000, 1000000, 1e-3",
        "7, 3, 1e-12",
        "0.5, 64, 1e-8"
    })
    void noGaussianCostsLessThanItDoesNorMuchMore(double sigma, long count, double delta)
            throws EventNotSupportedException {
        PrivacyEvent event = new Gaussian(sigma).times(count);
        double exact = AnalyticGaussian.usual().epsilon(event, delta);
        assertThat(PLD.epsilon(event, delta)).isBetween(exact * (1 - 1e-9), exact * (1 + 1e-4) + 1e-9);
        double back = PLD.delta(event, exact);
        assertThat(back).isBetween(delta * (1 - 1e-6), delta * (1 + 1e-3) + 1e-12);
    }

    /** Integrated by quadrature over the noise, once, with 30 digits. */
    @ParameterizedTest(name = "sigma {0}, rate {1}, delta {2}")
    @CsvSource({"1, 0.01, 1e-5", "0.5, 0.2, 1e-3", "2, 0.5, 1e-10", "0.3, 0.001, 1e-6", "5, 0.9, 1e-15"})
    void oneReleaseOnASampleCostsWhatAmplificationSays(double sigma, double rate, double delta)
            throws EventNotSupportedException {
        double epsilon = PLD.epsilon(sampled(sigma, rate), delta);
        double exact =
                Math.log1p(rate * Math.expm1(AnalyticGaussian.usual().epsilon(new Gaussian(sigma), delta / rate)));
        assertThat(epsilon).isBetween(exact * (1 - 1e-9), exact * (1 + 1e-4) + 1e-6);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void noEpsilonIsAboveThatByDivergencesNorFarBelow(long seed) throws EventNotSupportedException {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 4; i++) {
            double sigma = 0.5 * Math.exp(3 * random.nextDouble());
            double rate = Math.exp(-9 * random.nextDouble());
            long count = 1 + (long) Math.exp(9 * random.nextDouble());
            double delta = Math.exp(-4 - 28 * random.nextDouble());
            PrivacyEvent event = sampled(sigma, rate).times(count);
            double byDivergences = RdpAccountant.usual().epsilon(event, delta);
            assertThat(PLD.epsilon(event, delta))
                    .as("seed %d: sigma %s, rate %s, %d times, delta %s", seed, sigma, rate, count, delta)
                    .isBetween(byDivergences * 0.05, byDivergences * (1 + 1e-6) + 1e-6);
        }
    }

    @ParameterizedTest(name = "sigma {0}, rate {1}, {2} releases, delta {3}")
    @CsvSource({
        "0.3, 1e-6, 1, 1e-9", "0.3, 1e-6, 1000000, 1e-15", "1, 1e-6, 1000000, 1e-6", "1000, 1e-6, 1000000, 1e-15",
        "1000, 1, 1000000, 1e-15", "0.3, 0.5, 100000, 1e-10", "1000, 0.5, 1, 1e-15", "0.3, 0.01, 1000000, 1e-15",
        "3, 0.001, 1000000, 1e-12"
    })
    void extremesHaveAnAnswerBetweenNothingAndDivergences(double sigma, double rate, long count, double delta)
            throws EventNotSupportedException {
        PrivacyEvent event = sampled(sigma, rate).times(count);
        double byDivergences = RdpAccountant.usual().epsilon(event, delta);
        assertThat(PLD.epsilon(event, delta)).isBetween(0.0, byDivergences * (1 + 1e-4) + 1e-6);
    }

    @Test
    void unlikeEventsAddUp() throws EventNotSupportedException {
        PrivacyEvent mixed =
                sampled(1, 0.01).times(500).and(sampled(1.5, 0.02).times(300)).and(new Gaussian(20));
        assertThat(PLD.epsilon(mixed, 1e-6)).isCloseTo(1.9644766901166058, within(1e-6));
    }

    @Test
    void otherNoisesCostWhatTheReferenceSays() throws EventNotSupportedException {
        PrivacyEvent laplace = new Laplace(1).times(3).and(new Laplace(2).times(2));
        assertThat(PLD.epsilon(laplace, 1e-14)).isCloseTo(4, within(1e-6));
        PrivacyEvent sampled = new PoissonSampled(0.2, new Laplace(0.5)).times(3);
        assertThat(PLD.epsilon(sampled, 1e-14)).isCloseTo(2.46964, within(1e-3));
        PrivacyEvent mixtures = new MixtureOfGaussians(1, List.of(0.0, 1.0, 2.0), List.of(0.2, 0.6, 0.2))
                .times(3)
                .and(new MixtureOfGaussians(2, List.of(0.0, 2.0, 3.0), List.of(0.33, 0.34, 0.33)).times(2));
        assertThat(PLD.epsilon(mixtures, 1e-6)).isCloseTo(17.193115, within(1e-6));
    }

    @Test
    void deltasAreTheReferences() throws EventNotSupportedException {
        assertThat(PLD.delta(sampled(0.5, 0.2).times(3), 1)).isCloseTo(0.15594, within(1e-3));
        assertThat(PLD.delta(new Gaussian(Math.sqrt(3)).times(3), 1)).isCloseTo(0.126936, within(1e-6));
    }

    /** More events than are put on one lattice, and what a lattice makes of them. */
    @Test
    void manyUnlikeEventsCostAsMuchAsOnALattice() throws EventNotSupportedException {
        for (double rateMax : new double[] {0.02, 0.8}) {
            var random = new SplittableRandom(7);
            List<PrivacyEvent> events = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                events.add(sampled(1 + 2 * random.nextDouble(), rateMax * random.nextDouble()));
            }
            LossModels models = LossModels.of(new Composed(events));
            List<Cumulants.Part> fine = new ArrayList<>();
            models.onLattice(2e-4).forEach((dots, count) -> fine.add(new Cumulants.Part(dots.removed(), count)));
            double tilt = Cumulants.tiltForDelta(fine, 0);
            double lattice =
                    LatticeSum.of(fine, tilt, LossWindow.of(fine, tilt), 2e-4).epsilon(1e-6);
            assertThat(PLD.epsilon(new Composed(events), 1e-6)).isBetween(lattice * (1 - 1e-4), lattice * (1 + 1e-3));
        }
    }

    /** So many that the window of their sum is judged from some of them. */
    @Test
    void manyEventsThatAreNearlyAlikeCostAsMuchAsThatManyOfOne() throws EventNotSupportedException {
        List<PrivacyEvent> events = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            events.add(sampled(1, 0.01 * (1 + 1e-9 * i)));
        }
        for (double delta : new double[] {1e-4, 1e-9}) { // at the smaller one, large losses count, and want finer dots
            double alike = PLD.epsilon(sampled(1, 0.01).times(600), delta);
            assertThat(PLD.epsilon(new Composed(events), delta)).isBetween(alike * (1 - 1e-5), alike * (1 + 5e-4));
        }
    }

    /** Few large losses decide: coarse dots would hardly add up to anything smooth, and a lattice takes seconds. */
    @Test
    void someUnlikeEventsAtATinyDeltaAreAddedUpOnFinerDots() throws EventNotSupportedException {
        List<PrivacyEvent> events = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            events.add(sampled(1, 0.01 * (1 + 1e-9 * i)));
        }
        double alike = PLD.epsilon(sampled(1, 0.01).times(200), 1e-8);
        assertThat(PLD.epsilon(new Composed(events), 1e-8)).isBetween(alike * (1 - 1e-5), alike * (1 + 5e-4));
        assertThat(PLD.delta(new Composed(events), alike)).isBetween(1e-8 * (1 - 1e-4), 1e-8 * (1 + 5e-3));
    }

    @Test
    void nothingCostsNothingAndNoNoiseEverything() throws EventNotSupportedException {
        assertThat(PLD.epsilon(PrivacyEvent.nothing(), 1e-9)).isZero();
        assertThat(PLD.delta(PrivacyEvent.nothing(), 0)).isZero();
        assertThat(PLD.epsilon(sampled(1, 0).times(9), 1e-9)).isZero();
        assertThat(PLD.epsilon(new Gaussian(Double.POSITIVE_INFINITY), 1e-9)).isZero();
        assertThat(PLD.epsilon(new Gaussian(0).and(new Gaussian(4)), 1e-9)).isInfinite();
        assertThat(PLD.delta(sampled(0, 0.1), 3)).isEqualTo(1);
    }

    @Test
    void whatHasNoLossDistributionIsRefusedByName() {
        var sum = new PrivacyEvent.DistributedGaussian(new DistributedNoise(90, 1000, 100, 20));
        assertThatThrownBy(() -> PLD.epsilon(sum.times(3), 1e-6))
                .isInstanceOf(EventNotSupportedException.class)
                .hasMessageContaining("DistributedGaussian");
    }

    @Test
    void allGeneratedRowsAgree() throws EventNotSupportedException {
        int checked = 0;
        for (Row row : golden("generated_golden.json")) {
            double reference = row.numberOr("eps_pld", Double.NaN);
            if (reference > 0) {
                checked++;
                assertThat(PLD.epsilon(row.event(), row.number("delta")))
                        .as(row.text())
                        .isBetween(reference * (1 - 1e-3), reference * (1 + 1e-5));
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(16);
    }

    @Test
    void citedCalibrationsAreFoundAgain() throws EventNotSupportedException {
        int checked = 0;
        for (Row row : golden("cited_tests.json")) {
            double epsilon = row.numberOr("eps", 0);
            double delta = row.numberOr("delta", 0.5);
            double sensitivity = row.numberOr("sens", 1);
            long queries = (long) row.numberOr("queries", 1);
            if (row.is("kind", "smallest_gaussian")) {
                double z = AnalyticGaussian.leastMultiplier(epsilon, delta) * Math.sqrt((double) queries) * sensitivity;
                assertThat(z).as(row.text()).isCloseTo(row.number("sigma"), within(1e-6));
                checked++;
            }
            if (row.is("kind", "smallest_subsampled_gaussian")) {
                double rate = row.number("q");
                double z = row.number("sigma") / sensitivity;
                assertThat(PLD.epsilon(sampled(z * 1.0003, rate).times(queries), delta))
                        .as(row.text())
                        .isLessThan(epsilon);
                assertThat(PLD.epsilon(sampled(z * 0.9997, rate).times(queries), delta))
                        .as(row.text())
                        .isGreaterThan(epsilon);
                checked++;
            }
            if (row.is("kind", "smallest_laplace")) {
                double b = row.number("b");
                assertThat(PLD.epsilon(new Laplace(b + 0.1).times(queries), delta))
                        .isLessThan(epsilon);
                assertThat(PLD.epsilon(new Laplace(b - 0.1).times(queries), delta))
                        .isGreaterThan(epsilon);
                checked++;
            }
            if (row.is("kind", "analytic_gaussian")) {
                assertThat(AnalyticGaussian.leastMultiplier(epsilon, delta))
                        .as(row.text())
                        .isCloseTo(row.number("sigma"), within(1e-6));
                checked++;
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(7);
    }

    private static PrivacyEvent sampled(double sigma, double rate) {
        return new PoissonSampled(rate, new Gaussian(sigma));
    }

    private static List<Row> golden(String name) {
        return GoldenRows.of(TestData.find("vectors/dp-accounting/" + name));
    }
}
