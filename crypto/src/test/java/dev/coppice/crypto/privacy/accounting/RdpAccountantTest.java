package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.accounting.GoldenRows.Row;
import dev.coppice.testkit.TestData;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values are those of Google's dp_accounting at b5b0286, unless a row names another source. */
class RdpAccountantTest {
    private static final double[] WHOLE_ORDERS =
            IntStream.rangeClosed(2, 512).asDoubleStream().toArray();

    @ParameterizedTest(name = "sigma {0}, {1} releases, delta {2}")
    @CsvSource({
        "0.5, 1, 1e-5, 10.725509696418232",
        "1.0, 1, 1e-5, 4.728507067217623",
        "2.0, 1, 1e-5, 2.165715659029443",
        "4.530877117, 1, 1e-6, 1.0000002896457596",
        "10, 1, 1e-6, 0.4299515190917843",
        "5, 10, 1e-5, 2.8136532471298397",
        "20, 100, 1e-6, 2.4191024886939205",
        "50, 2000, 1e-8, 5.380318106365227",
    })
    void gaussianReleasesCostWhatTheReferenceSays(double sigma, int releases, double delta, double epsilon) {
        assertThat(RdpAccountant.epsilon(sigma, releases, delta)).isCloseTo(epsilon, within(1e-9));
    }

    /** The exact epsilon of continuous Gaussians (Balle and Wang 2018): what any honest account must reach. */
    @ParameterizedTest(name = "z {0}, {1} participations, delta {2}")
    @CsvSource({
        "1, 1, 1e-6, 4.886554117462164",
        "1, 8, 1e-8, 19.323878503236028",
        "2, 8, 1e-8, 8.53378135700298",
        "4, 8, 1e-8, 3.9424654955299183",
        "4, 64, 1e-6, 10.997151214220652",
        "16, 64, 1e-6, 2.254084650219736",
    })
    void everyParticipationIsCounted(double z, int participations, double delta, double exact) {
        assertThat(RdpAccountant.epsilon(z, participations, delta)).isBetween(exact, exact * 1.1);
    }

    @ParameterizedTest(name = "scale {0}, clip {1}, dimension {2}, {3} devices, sigma {4}, {5} rounds")
    @CsvSource({
        "1024, 1.0, 1048576, 1000, 40, 1, 1e-6, 4.68290866095329",
        "1024, 1.0, 1048576, 1000, 100, 8, 1e-6, 5.37184306095329",
        "256, 1.0, 65536, 5000, 12, 8, 1e-7, 5.408591348267686",
        "64, 1.0, 16384, 2000, 4, 20, 1e-6, 13.752984026539915",
        "100, 1.0, 4096, 100, 0.6, 1, 1e-5, 6260.569539436773",
        "2048, 1.0, 1048576, 4500, 61, 8, 1e-8, 9.30560462857109",
    })
    void sumsOfDiscreteGaussiansCostWhatTheirBoundSays(
            double scale, double clip, int dimension, int devices, double sigma, int rounds, double delta, double eps) {
        double sensitivity = normBound(scale * clip, dimension);
        var noise = new DistributedNoise(sensitivity, dimension, devices, sigma);
        RdpCurve curve = RdpAccountant.distributedGaussian(noise, WHOLE_ORDERS).times(rounds);
        assertThat(curve.epsilon(delta)).isCloseTo(eps, within(1e-9 * eps));
    }

    /** Small noise, where it matters which of the three bounds is the least; computed by hand from proposition 14. */
    @Test
    void theLeastOfTheThreeBoundsHolds() {
        var noise = new DistributedNoise(10, 4, 2, 0.6);
        double distance = 10 * Math.exp(-Math.PI * Math.PI * 0.36);
        assertThat(noise.distanceToGaussian()).isCloseTo(distance, within(1e-12));
        double z = 10 / Math.sqrt(0.72);
        RdpCurve curve = RdpAccountant.distributedGaussian(noise);
        assertThat(curve.divergence(2)).isCloseTo(z * z + 4 * distance, within(1e-9));
        var coarse = new DistributedNoise(1, 4, 2, 0.6);
        double one = 1 / Math.sqrt(0.72);
        assertThat(RdpAccountant.distributedGaussian(coarse).divergence(1.1))
                .isCloseTo(0.55 * (one * one + 2 * distance * one + distance * distance * 4), within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"10, 4, 2, 0.6", "1, 4, 2, 0.6", "90.5, 8192, 153, 4", "724, 8192, 5, 113"})
    void theOneNumberThatALedgerKeepsNeverSaysLessThanTheBound(double l2, int dimension, int honest, double sigma) {
        var noise = new DistributedNoise(l2, dimension, honest, sigma);
        RdpCurve exact = RdpAccountant.distributedGaussian(noise);
        RdpCurve kept = RdpAccountant.gaussian(noise.noiseMultiplier());
        for (double order : RdpAccountant.orders()) {
            assertThat(kept.divergence(order)).isGreaterThanOrEqualTo(exact.divergence(order) * (1 - 1e-12));
        }
    }

    /** Integers: no entry is larger than its square, and Cauchy and Schwarz bound the rest. */
    @Test
    void theL1NormOfIntegersIsAtMostTheSquareOfTheirL2Norm() {
        assertThat(new DistributedNoise(10, 4, 2, 0.6).sensitivityL1()).isEqualTo(20);
        assertThat(new DistributedNoise(1.5, 100, 2, 0.6).sensitivityL1()).isEqualTo(2.25);
    }

    /** Bretagnolle and Huber 1979: the root of {@code 1 - exp(-divergence)}. */
    @Test
    void aDivergenceOfOrderOneBoundsDeltaByTheTotalVariation() {
        RdpCurve curve = RdpCurve.of(new double[] {1}, order -> 0.02);
        assertThat(curve.delta(0)).isCloseTo(Math.sqrt(-Math.expm1(-0.02)), within(1e-12));
        assertThat(curve.epsilon(0.1408)).isZero();
        assertThat(curve.epsilon(0.1407)).isInfinite();
    }

    @Test
    void whatIsComposedAndRepeatedCountsAsOftenAsItSays() throws EventNotSupportedException {
        PrivacyEvent two = new PrivacyEvent.Gaussian(3).and(new PrivacyEvent.Tree(4, 1));
        EventCounts counts =
                EventCounts.of(two.times(3).and(new PrivacyEvent.Gaussian(3)).times(2));
        assertThat(counts.count(new PrivacyEvent.Gaussian(3))).isEqualTo(8);
        assertThat(counts.count(new PrivacyEvent.Tree(4, 1))).isEqualTo(6);
    }

    @Test
    void aDivergenceThatIsTheSameAtEveryOrderGivesTheReferencesEpsilon() {
        double[] orders = IntStream.rangeClosed(2, 32).asDoubleStream().toArray();
        assertThat(RdpCurve.of(orders, order -> 1.1).epsilon(1e-5)).isCloseTo(1.32783806176, within(1e-7));
    }

    @Test
    void finerOrdersFindTheReferencesEpsilonOfOne() {
        double[] orders =
                IntStream.range(1000, 100_000).mapToDouble(i -> i * 0.001).toArray();
        RdpCurve curve = RdpCurve.of(orders, order -> order / (2 * 4.530877117 * 4.530877117));
        assertThat(curve.epsilon(1e-6)).isCloseTo(1.0, within(1e-7));
    }

    @Test
    void concentratedPrivacyOfAFifthGivesTheReferencesEpsilon() {
        RdpCurve curve = RdpCurve.of(RdpAccountant.orders(), order -> 0.2 * order);
        assertThat(curve.epsilon(1e-10)).isCloseTo(4.167485385909884, within(1e-9));
    }

    @Test
    void releasesOfUnlikeNoiseAddUp() {
        RdpCurve both = RdpAccountant.gaussian(3).plus(RdpAccountant.gaussian(4));
        assertThat(both.divergence(2)).isCloseTo(1 / 9.0 + 1 / 16.0, within(1e-12));
    }

    @Test
    void noReleaseCostsNothingAndOneWithoutNoiseEverything() {
        assertThat(RdpAccountant.gaussian(1).times(0).epsilon(1e-8)).isZero();
        assertThat(RdpAccountant.gaussian(0).epsilon(1e-8)).isInfinite();
        assertThat(RdpAccountant.gaussian(0).times(0).epsilon(1e-8)).isZero();
    }

    @Test
    void anEpsilonIsNeverNegative() {
        assertThat(RdpAccountant.epsilon(1000, 1, 0.9)).isZero();
        double[] one = {1.2};
        assertThat(RdpCurve.of(one, order -> 0.02).epsilon(0.1)).isGreaterThanOrEqualTo(0);
    }

    @Test
    void anOrderTooNearToOneIsNotUsed() {
        assertThat(RdpCurve.of(new double[] {1.005}, order -> 5).epsilon(1e-5)).isInfinite();
    }

    @Test
    void whatIsNoDivergenceIsRefused() {
        double[] orders = RdpAccountant.orders();
        assertThatIllegalArgumentException().isThrownBy(() -> RdpCurve.of(orders, order -> -1e-9));
        assertThatIllegalArgumentException().isThrownBy(() -> RdpCurve.of(orders, order -> Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> RdpCurve.of(new double[] {0.9}, order -> 1));
        assertThatIllegalArgumentException().isThrownBy(() -> RdpAccountant.gaussian(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> RdpAccountant.gaussian(Double.NaN));
        RdpCurve curve = RdpAccountant.gaussian(1);
        assertThatIllegalArgumentException().isThrownBy(() -> curve.times(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> curve.epsilon(0));
        assertThatIllegalArgumentException().isThrownBy(() -> curve.epsilon(1));
        assertThatIllegalArgumentException().isThrownBy(() -> curve.divergence(1.23456));
        RdpCurve other = RdpCurve.of(new double[] {2}, order -> 1);
        assertThatIllegalArgumentException().isThrownBy(() -> curve.plus(other));
        assertThatIllegalArgumentException().isThrownBy(() -> new DistributedNoise(1, 1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DistributedNoise(1, 0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DistributedNoise(0, 1, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DistributedNoise(1, 1, 1, 0));
    }

    @Test
    void allGeneratedRowsOfUnsampledGaussiansAgree() {
        List<Row> rows = golden("generated_golden.json").stream()
                .filter(row -> row.is("name", "gaussian")
                        || row.is("name", "gaussian_composed")
                        || row.is("name", "discrete_gaussian"))
                .toList();
        assertThat(rows).hasSizeGreaterThanOrEqualTo(6);
        for (Row row : rows) {
            double sensitivity = row.is("name", "discrete_gaussian") ? row.number("sensitivity") : 1;
            double z = row.number("sigma") / sensitivity;
            assertThat(RdpAccountant.epsilon(z, row.whole("steps"), row.number("delta")))
                    .as(row.text())
                    .isCloseTo(row.number("eps_rdp"), within(1e-6));
        }
    }

    @Test
    void allRowsOfDistributedGaussiansAgree() {
        List<Row> rows = golden("ddgauss_golden.json");
        assertThat(rows).hasSizeGreaterThanOrEqualTo(7);
        for (Row row : rows) {
            int dimension = row.whole("dim");
            double norm = row.number("scale") * row.number("clip");
            double root = Math.sqrt(dimension);
            double bound = row.number("beta") == 0 ? norm + root : normBound(norm, dimension);
            assertThat(bound).as(row.text()).isCloseTo(row.number("D2"), within(1e-6));
            var noise = new DistributedNoise(bound, dimension, row.whole("n"), row.number("sigma_local"));
            assertThat(noise.distanceToGaussian())
                    .as(row.text())
                    .isCloseTo(row.number("tau"), within(1e-9 * row.number("tau")));
            double epsilon = RdpAccountant.distributedGaussian(noise, WHOLE_ORDERS)
                    .times(row.whole("steps"))
                    .epsilon(row.number("delta"));
            assertThat(epsilon).as(row.text()).isCloseTo(row.number("eps"), within(1e-9 * row.number("eps")));
        }
    }

    @Test
    void noRowOfTheExactGaussianIsAboveTheAccount() {
        List<Row> rows = golden("analytic_gaussian_golden.json").stream()
                .filter(row -> row.text().contains("participations"))
                .toList();
        assertThat(rows).hasSizeGreaterThanOrEqualTo(60);
        for (Row row : rows) {
            double exact = row.number("epsilon");
            assertThat(RdpAccountant.epsilon(row.number("z"), row.whole("participations"), row.number("delta")))
                    .as(row.text())
                    .isBetween(exact, exact * 1.12);
        }
    }

    @Test
    void citedRowsWithoutSamplingAgree() {
        List<Row> rows = golden("cited_tests.json").stream()
                .filter(row -> row.is("kind", "example_privacy_no_sub_rdp"))
                .toList();
        assertThat(rows).isNotEmpty();
        for (Row row : rows) {
            int steps = (int) Math.ceil(row.number("epochs"));
            assertThat(RdpAccountant.epsilon(row.number("sigma"), steps, row.number("delta")))
                    .as(row.text())
                    .isCloseTo(row.number("eps"), within(1e-6));
        }
    }

    private static List<Row> golden(String name) {
        return GoldenRows.of(TestData.find("vectors/dp-accounting/" + name));
    }

    /** Kairouz, Liu and Steinke 2021, proposition 26, at beta = exp(-1/2). */
    private static double normBound(double norm, int dimension) {
        double root = Math.sqrt(dimension);
        return Math.sqrt(Math.min((norm + root) * (norm + root), norm * norm + dimension / 4.0 + norm + root / 2));
    }
}
