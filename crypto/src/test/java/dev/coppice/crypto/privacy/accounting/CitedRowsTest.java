package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.Json;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Laplace;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.MixtureOfGaussians;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.RandomizedResponse;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.TruncatedSample;
import dev.coppice.testkit.TestData;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every row of the published tests that are collected in {@code cited_tests.json}, and none that nobody looks at. */
class CitedRowsTest {
    private static final RdpAccountant RDP = RdpAccountant.usual();
    private static final PldAccountant PLD = PldAccountant.usual();

    /** Checked from the file by {@link PldAccountantTest}, {@link RdpAccountantTest} and {@link SampledDivergenceTest}. */
    private static final Set<String> ELSEWHERE = Set.of(
            "smallest_gaussian",
            "smallest_subsampled_gaussian",
            "smallest_laplace",
            "analytic_gaussian",
            "example_privacy_no_sub_rdp",
            "dpsgd_rdp",
            "rdp",
            "tree_upper",
            "exp_mech_rdp",
            "rdp_constant_to_eps",
            "gaussian_eps");

    @Test
    void everyRowIsCheckedHereOrElsewhere() throws EventNotSupportedException {
        List<Json> rows = Json.read(TestData.find("vectors/dp-accounting/cited_tests.json"))
                .list();
        Set<String> kinds = new TreeSet<>();
        int here = 0;
        for (Json row : rows) {
            String kind = row.text("kind");
            kinds.add(kind);
            if (!ELSEWHERE.contains(kind)) {
                check(kind, row);
                here++;
            }
        }
        assertThat(rows).hasSize(31);
        assertThat(here).isEqualTo(14);
        assertThat(kinds).containsAll(ELSEWHERE);
    }

    private static void check(String kind, Json row) throws EventNotSupportedException {
        switch (kind) {
            case "rdp_poisson_gaussian" -> poissonCurve(row);
            case "randomized_response_replace_special" -> randomizedResponse(row);
            case "gaussian_3fold" ->
                assertThat(PLD.delta(new Gaussian(Math.sqrt(3)).times(3), decimal(row, "eps")))
                        .isCloseTo(decimal(row, "delta"), within(decimal(row, "tol")));
            case "poisson_gaussian" ->
                assertThat(PLD.delta(sampled(row).times(row.number("count")), decimal(row, "eps")))
                        .isCloseTo(decimal(row, "delta"), within(decimal(row, "tol")));
            case "laplace" -> near(row, PLD, new Laplace(1).times(3).and(new Laplace(2).times(2)));
            case "poisson_laplace" ->
                near(
                        row,
                        PLD,
                        new PoissonSampled(decimal(row, "q"), new Laplace(decimal(row, "b")))
                                .times(row.number("count")));
            case "mixture_of_gaussians" ->
                near(
                        row,
                        PLD,
                        new MixtureOfGaussians(1, List.of(0.0, 1.0, 2.0), List.of(0.2, 0.6, 0.2))
                                .times(3)
                                .and(new MixtureOfGaussians(2, List.of(0.0, 2.0, 3.0), List.of(0.33, 0.34, 0.33))
                                        .times(2)));
            case "truncated_subsampled_gaussian" -> {
                assertThat(row.text("compose")).isEqualTo("3x(N=4,q=.5,B=2,s=1)+2x(N=3,q=.5,B=2,s=1)");
                near(
                        row,
                        PLD,
                        new TruncatedSample(4, 0.5, 2, 1).times(3).and(new TruncatedSample(3, 0.5, 2, 1).times(2)));
            }
            case "example_privacy_sub_rdp" ->
                assertThat(RDP.epsilon(sampled(row).times(120), decimal(row, "delta")))
                        .isCloseTo(decimal(row, "eps"), within(1e-6));
            case "example_privacy_sub_pld" ->
                reference(PLD.epsilon(sampled(row).times(120), decimal(row, "delta")), row);
            case "example_privacy_no_sub_pld" ->
                reference(PLD.epsilon(new Gaussian(decimal(row, "sigma")).times(2), decimal(row, "delta")), row);
            case "statement" -> statement(decimal(row, "sigma") / 2, row);
            case "calibrate_rdp" ->
                assertThat(Budgeting.leastNoise(
                                        RDP,
                                        noise -> new PoissonSampled(decimal(row, "q"), new Gaussian(noise))
                                                .times(row.number("steps")),
                                        decimal(row, "eps"),
                                        decimal(row, "delta"))
                                .orElseThrow())
                        .as("%s", row)
                        .isCloseTo(decimal(row, "sigma"), within(1e-3));
            default -> throw new AssertionError("a kind that nobody checks: " + kind);
        }
    }

    private static void poissonCurve(Json row) throws EventNotSupportedException {
        double[] orders = {1.5, 2.5, 5, 50, 100};
        double[] expected = {0.000670579741, 0.0010854871, 0.00218075656, 0.0238460375, 167.416308};
        assertThat(row.toString()).contains("1.5, 2.5, 5, 50, 100").contains("167.416308");
        RdpCurve curve = RdpAccountant.withOrders(orders).curve(sampled(row).times(row.number("steps")));
        for (int i = 0; i < orders.length; i++) {
            assertThat(curve.divergence(orders[i])).isCloseTo(expected[i], within(1e-4 * expected[i]));
        }
    }

    private static void randomizedResponse(Json row) throws EventNotSupportedException {
        double[] orders = {1.5, 2.5, 5, 50, 100};
        double[] expected = {
            1.5030552584146897, 1.7801182478869704, 1.9091969256833639, 1.9814516798923105, 1.9846954517418232
        };
        assertThat(row.toString()).contains("1.9846954517418232");
        RdpCurve curve = RdpAccountant.withOrders(orders)
                .curve(new RandomizedResponse(decimal(row, "p"), row.number("buckets")));
        for (int i = 0; i < orders.length; i++) {
            assertThat(curve.divergence(orders[i])).isCloseTo(expected[i], within(1e-9));
        }
    }

    /** Five epochs of 10,000 in batches of 64: each once an epoch, or by Poisson samples. */
    private static void statement(double z, Json row) throws EventNotSupportedException {
        double delta = decimal(row, "delta");
        double rate = (double) row.number("batch") / row.number("n");
        PrivacyEvent samples =
                new PoissonSampled(rate, new Gaussian(z)).times((long) Math.ceil(decimal(row, "epochs") / rate));
        PrivacyEvent epochs = new Gaussian(z).times((long) decimal(row, "epochs"));
        assertThat(row.toString())
                .contains("13.376")
                .contains("1.616")
                .contains("12.595")
                .contains("1.199");
        assertThat(RDP.epsilon(epochs, delta)).isCloseTo(13.376, within(1e-3));
        assertThat(RDP.epsilon(samples, delta)).isCloseTo(1.616, within(1e-3));
        assertThat(PLD.epsilon(epochs, delta)).isCloseTo(12.595, within(1e-3));
        assertThat(PLD.epsilon(samples, delta)).isCloseTo(1.199, within(1e-3));
    }

    private static void near(Json row, Accountant accountant, PrivacyEvent event) throws EventNotSupportedException {
        assertThat(accountant.epsilon(event, decimal(row, "delta")))
                .as("%s", row)
                .isCloseTo(decimal(row, "eps"), within(decimal(row, "tol")));
    }

    /** The reference's own dots err upwards, by more than ours. */
    private static void reference(double epsilon, Json row) {
        double reference = decimal(row, "eps");
        assertThat(epsilon).as("%s", row).isBetween(reference * (1 - 1e-3), reference * (1 + 1e-5));
    }

    private static PrivacyEvent sampled(Json row) {
        return new PoissonSampled(decimal(row, "q"), new Gaussian(decimal(row, "sigma")));
    }

    private static double decimal(Json row, String name) {
        return Double.parseDouble(row.text(name));
    }
}
