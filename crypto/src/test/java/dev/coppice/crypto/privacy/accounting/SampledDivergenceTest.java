package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.accounting.GoldenRows.Row;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Exponential;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.FixedSizeSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Laplace;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.MixtureOfGaussians;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.RandomizedResponse;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Tree;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.ZeroConcentrated;
import dev.coppice.testkit.TestData;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values are those of Google's dp_accounting at b5b0286, unless a test names another source. */
class SampledDivergenceTest {
    /** TensorFlow Privacy's, in compute_dp_sgd_privacy. */
    private static final double[] OTHER_ORDERS = DoubleStream.concat(
                    DoubleStream.of(1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 4.5),
                    DoubleStream.concat(IntStream.rangeClosed(5, 63).asDoubleStream(), DoubleStream.of(128, 256, 512)))
            .toArray();

    @ParameterizedTest(name = "sigma {0}, rate {1}, {2} releases, delta {3}")
    @CsvSource({
        "1.1, 0.01, 1000, 1e-5, 1.7117701662429012",
        "0.7, 0.004266666666666667, 10575, 1e-5, 6.3276862240831875",
        "1.1, 0.004266666666666667, 14100, 1e-5, 2.6003429394461106",
        "1.0, 0.001, 10000, 1e-6, 0.9795416255105758",
        "1.0, 0.001, 2000, 1e-6, 0.8819115723301352",
        "2.0, 0.1, 100, 1e-5, 2.5805709505045913",
        "1.0, 0.5, 30, 1e-5, 20.725800988775898",
        "2.5, 0.01, 50, 1e-5, 0.1447863792989789"
    })
    void poissonSamplesCostWhatTheReferenceSays(double sigma, double rate, long steps, double delta, double epsilon)
            throws EventNotSupportedException {
        assertThat(RdpAccountant.usual().epsilon(poisson(sigma, rate).times(steps), delta))
                .isCloseTo(epsilon, within(1e-9 * epsilon));
    }

    @Test
    void divergencesAtWholeAndBrokenOrdersAreTheReferences() {
        double[] orders = {1.5, 2.5, 5, 50, 100};
        double[] expected = {6.70579741e-04, 1.08548710e-03, 2.18075656e-03, 2.38460375e-02, 1.67416308e+02};
        for (int i = 0; i < orders.length; i++) {
            assertThat(50 * PoissonDivergence.of(0.01, 2.5, orders[i]))
                    .isCloseTo(expected[i], within(1e-8 * expected[i]));
        }
    }

    /** Integrated with 50 digits: sampling so rare and noise so large that doubles lose A, which is 1 but for 1e-18. */
    @ParameterizedTest(name = "sigma {0}, rate {1}, order {2}")
    @CsvSource({
        "1000, 1e-6, 2, 1.0000005000001667e-18",
        "1000, 1e-6, 2.5, 1.2500006250008333e-18",
        "1, 1e-6, 1.1, 9.4505270711470713e-13",
        "1, 1e-6, 8.3, 7.1309909977800071e-12",
        "0.3, 0.2, 3.7, 18.350029527405635",
        "0.3, 1e-6, 1.1, 1.4010813104449925e-8",
        "0.3, 0.999, 10.9, 60.554453994582216"
    })
    void verySmallAndVeryLargeDivergencesHaveTheirDigits(double sigma, double rate, double order, double expected) {
        assertThat(PoissonDivergence.exact(rate, sigma, order)).isCloseTo(expected, within(1e-10 * expected));
        assertThat(PoissonDivergence.of(rate, sigma, order)).isGreaterThanOrEqualTo(expected * (1 - 1e-12));
    }

    @Test
    void exactDivergencesRiseWithTheOrderWhetherWholeOrNot() {
        for (double sigma : new double[] {0.3, 1, 5, 1000}) {
            for (double rate : new double[] {1e-6, 0.01, 0.5, 0.999}) {
                double before = 0;
                for (double order : RdpAccountant.orders()) {
                    double divergence = PoissonDivergence.exact(rate, sigma, order);
                    assertThat(divergence)
                            .as("%s %s %s", sigma, rate, order)
                            .isGreaterThanOrEqualTo(before * (1 - 1e-9));
                    assertThat(divergence).isLessThanOrEqualTo(order / (2 * sigma * sigma));
                    before = divergence;
                }
            }
        }
    }

    @Test
    void samplesOfFixedSizeCostWhatTheReferenceSays() throws EventNotSupportedException {
        PrivacyEvent event = new FixedSizeSampled(10_000, 100, new Gaussian(2)).times(200);
        assertThat(RdpAccountant.usual().epsilon(event, 1e-5)).isCloseTo(0.6208613604321702, within(1e-7));
    }

    @Test
    void everythingSampledIsNotSampled() throws EventNotSupportedException {
        double plain = RdpAccountant.epsilon(2, 3, 1e-6);
        assertThat(RdpAccountant.usual().epsilon(poisson(2, 1).times(3), 1e-6)).isCloseTo(plain, within(1e-12));
        assertThat(RdpAccountant.usual().epsilon(new FixedSizeSampled(7, 7, new Gaussian(2)).times(3), 1e-6))
                .isCloseTo(plain, within(1e-12));
        assertThat(RdpAccountant.usual().epsilon(poisson(2, 0).times(3), 1e-6)).isZero();
        assertThat(RdpAccountant.usual().epsilon(new FixedSizeSampled(7, 0, new Gaussian(2)), 1e-6))
                .isZero();
    }

    @Test
    void unlikeEventsAddUp() throws EventNotSupportedException {
        PrivacyEvent mixed =
                poisson(1, 0.01).times(500).and(poisson(1.5, 0.02).times(300)).and(new Gaussian(20));
        assertThat(RdpAccountant.usual().epsilon(mixed, 1e-6)).isCloseTo(2.2831949963917806, within(1e-9));
    }

    /** A sample of which several sums are released is one release of all of them. */
    @Test
    void releasesOnOneSampleAreTogetherBeforeTheyAreSampled() throws EventNotSupportedException {
        PrivacyEvent two = new PoissonSampled(0.01, new Gaussian(2).and(new Gaussian(2)));
        assertThat(RdpAccountant.usual().curve(two).divergence(4))
                .isCloseTo(PoissonDivergence.of(0.01, Math.sqrt(2), 4), within(1e-15));
    }

    @Test
    void concentratedPrivacyCostsWhatTheReferenceSays() throws EventNotSupportedException {
        assertThat(RdpAccountant.usual().epsilon(new ZeroConcentrated(0.2), 1e-10))
                .isCloseTo(4.167485385909884, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"8.83, 1600, 1e-6, 1.7731924496178202", "7, 1024, 1e-8, 2.7004519146700874"})
    void treesCostWhatTheReferenceSays(double sigma, long steps, double delta, double epsilon)
            throws EventNotSupportedException {
        assertThat(RdpAccountant.usual().epsilon(new Tree(sigma, steps), delta)).isCloseTo(epsilon, within(1e-9));
    }

    @Test
    void otherMechanismsHaveTheReferencesDivergences() throws EventNotSupportedException {
        assertThat(OtherDivergences.exponential(1, 1)).isCloseTo(0.123301561, within(1e-9));
        assertThat(OtherDivergences.exponential(1, 1000)).isCloseTo(1, within(1e-12));
        var response = new RandomizedResponse(0.3, 10);
        double[] orders = {1.5, 2.5, 5, 50, 100, Double.POSITIVE_INFINITY};
        double[] expected = {
            1.5030552584146897,
            1.7801182478869704,
            1.9091969256833639,
            1.9814516798923105,
            1.9846954517418232,
            1.9878743481543455
        };
        RdpCurve curve = RdpAccountant.withOrders(orders).curve(response);
        for (int i = 0; i < orders.length; i++) {
            assertThat(curve.divergence(orders[i])).isCloseTo(expected[i], within(1e-9));
        }
        assertThat(OtherDivergences.laplace(1, 1)).isCloseTo(Math.exp(-1), within(1e-12));
        assertThat(OtherDivergences.laplace(1, 1e9)).isCloseTo(1, within(1e-6));
        assertThat(OtherDivergences.laplace(0.5, 2))
                .isCloseTo(Math.log(2 / 3.0 * Math.exp(0.5) + Math.exp(-1) / 3), within(1e-12));
    }

    @Test
    void deltaIsTheInverseOfEpsilon() throws EventNotSupportedException {
        PrivacyEvent event = poisson(1.1, 0.01).times(1000);
        double epsilon = RdpAccountant.usual().epsilon(event, 1e-5);
        assertThat(RdpAccountant.usual().delta(event, epsilon)).isCloseTo(1e-5, within(1e-14));
        assertThat(RdpAccountant.usual().delta(PrivacyEvent.nothing(), 0)).isZero();
        assertThat(RdpAccountant.usual().delta(new Gaussian(0), 3)).isEqualTo(1);
    }

    @Test
    void whatHasNoBoundIsRefusedByName() {
        var mixture = new MixtureOfGaussians(1, List.of(0.0, 1.0), List.of(0.5, 0.5));
        assertThatThrownBy(() -> RdpAccountant.usual().curve(mixture.and(new Gaussian(1))))
                .isInstanceOf(EventNotSupportedException.class)
                .hasMessageContaining("MixtureOfGaussians");
        assertThatThrownBy(() -> RdpAccountant.usual().curve(new PoissonSampled(0.1, new Laplace(1))))
                .isInstanceOf(EventNotSupportedException.class)
                .hasMessageContaining("PoissonSampled");
    }

    @Test
    void allGeneratedRowsAgree() throws EventNotSupportedException {
        List<Row> rows = golden("generated_golden.json");
        assertThat(rows).hasSizeGreaterThanOrEqualTo(22);
        for (Row row : rows) {
            assertThat(RdpAccountant.usual().epsilon(row.event(), row.number("delta")))
                    .as(row.text())
                    .isCloseTo(row.number("eps_rdp"), within(1e-6 * row.number("eps_rdp")));
        }
    }

    @Test
    void citedRowsOfTrainingBySamplesAgree() throws EventNotSupportedException {
        for (Row row : golden("cited_tests.json")) {
            double delta = row.numberOr("delta", 1);
            if (row.is("kind", "dpsgd_rdp")) {
                double rate = row.number("batch") / row.number("n");
                long steps = (long) Math.ceil(row.number("epochs") / rate);
                PrivacyEvent event = poisson(row.number("sigma"), rate).times(steps);
                assertThat(RdpAccountant.withOrders(OTHER_ORDERS).epsilon(event, delta))
                        .as(row.text())
                        .isCloseTo(row.number("eps"), within(1e-9 * row.number("eps")));
            }
            if (row.is("kind", "rdp")) {
                PrivacyEvent event =
                        poisson(row.number("sigma"), row.number("q")).times(row.whole("steps"));
                assertThat(RdpAccountant.usual().epsilon(event, delta))
                        .as(row.text())
                        .isCloseTo(row.number("eps"), within(1e-3));
            }
            if (row.is("kind", "tree_upper")) {
                assertThat(RdpAccountant.usual().epsilon(new Tree(row.number("sigma"), row.whole("steps")), delta))
                        .as(row.text())
                        .isLessThan(row.number("eps_less_than"));
            }
            if (row.is("kind", "exp_mech_rdp")) {
                var curve = RdpAccountant.withOrders(new double[] {1, 1000}).curve(new Exponential(row.number("eps")));
                assertThat(curve.divergence(1)).isCloseTo(row.number("order1"), within(1e-9));
                assertThat(curve.divergence(1000)).isCloseTo(row.number("order1000"), within(1e-9));
            }
        }
    }

    private static PrivacyEvent poisson(double sigma, double rate) {
        return new PoissonSampled(rate, new Gaussian(sigma));
    }

    private static List<Row> golden(String name) {
        return GoldenRows.of(TestData.find("vectors/dp-accounting/" + name));
    }
}
