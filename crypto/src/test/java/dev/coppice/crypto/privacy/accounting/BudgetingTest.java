package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.accounting.GoldenRows.Row;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.DistributedGaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Laplace;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Tree;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.ZeroConcentrated;
import dev.coppice.testkit.TestData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BudgetingTest {
    private static final AnalyticGaussian ANALYTIC = AnalyticGaussian.usual();
    private static final ConcentratedAccountant CONCENTRATED = ConcentratedAccountant.usual();

    /** Balle and Wang 2018, computed by their algorithm with 50 digits. */
    @ParameterizedTest(name = "z {0}, {1} releases, delta {2}")
    @CsvSource({
        "1, 1, 1e-6, 4.886554117462164",
        "4, 8, 1e-8, 3.9424654955299183",
        "16, 64, 1e-6, 2.254084650219736",
        "0.5, 64, 1e-8, 216.93540718717497"
    })
    void theClosedFormIsTheClosedForm(double z, long count, double delta, double epsilon)
            throws EventNotSupportedException {
        assertThat(ANALYTIC.epsilon(new Gaussian(z).times(count), delta)).isCloseTo(epsilon, within(1e-9 * epsilon));
        assertThat(ANALYTIC.delta(new Gaussian(z).times(count), epsilon)).isCloseTo(delta, within(1e-8 * delta));
        assertThat(AnalyticGaussian.leastMultiplier(epsilon, delta) * Math.sqrt((double) count))
                .isCloseTo(z, within(1e-9 * z));
    }

    /** The last step of the search is on the side that keeps delta. */
    @Test
    void theExactEpsilonKeepsItsDelta() throws EventNotSupportedException {
        for (double z = 0.4; z < 20; z *= 1.1) {
            PrivacyEvent event = new PrivacyEvent.Gaussian(z);
            double epsilon = AnalyticGaussian.usual().epsilon(event, 1e-6);
            assertThat(AnalyticGaussian.usual().delta(event, epsilon)).isLessThanOrEqualTo(1e-6);
        }
    }

    @Test
    void allRowsOfTheClosedFormAgree() throws EventNotSupportedException {
        int checked = 0;
        for (Row row : GoldenRows.of(TestData.find("vectors/dp-accounting/analytic_gaussian_golden.json"))) {
            double epsilon = row.number("epsilon");
            double delta = row.number("delta");
            if (row.text().contains("participations")) {
                PrivacyEvent event = new Gaussian(row.number("z")).times(row.whole("participations"));
                assertThat(ANALYTIC.epsilon(event, delta)).as(row.text()).isCloseTo(epsilon, within(1e-9 * epsilon));
            } else {
                assertThat(AnalyticGaussian.leastMultiplier(epsilon, delta))
                        .as(row.text())
                        .isCloseTo(row.number("sigma"), within(1e-9));
            }
            checked++;
        }
        assertThat(checked).isGreaterThanOrEqualTo(67);
    }

    /** A first launch at rho 0.81 and delta 1e-10: Xu et al. 2023 report 8.9. */
    @Test
    void concentratedPrivacyIsConvertedAtTheBestOrder() throws EventNotSupportedException {
        assertThat(CONCENTRATED.epsilon(new ZeroConcentrated(0.81), 1e-10)).isBetween(8.9, 8.923);
        double usualOrders = RdpAccountant.usual().epsilon(new ZeroConcentrated(0.2), 1e-10);
        assertThat(CONCENTRATED.epsilon(new ZeroConcentrated(0.2), 1e-10))
                .isBetween(usualOrders * 0.999, usualOrders * (1 + 1e-5));
        assertThat(CONCENTRATED.delta(new ZeroConcentrated(0.81), 8.9226)).isCloseTo(1e-10, within(2e-12));
    }

    @Test
    void rhoAddsUpOverAllThatIsGaussian() throws EventNotSupportedException {
        var noise = new DistributedNoise(100, 8192, 170, 60);
        PrivacyEvent all = new Gaussian(2)
                .times(8)
                .and(new ZeroConcentrated(0.5))
                .and(new Tree(4, 7))
                .and(new DistributedGaussian(noise));
        assertThat(ConcentratedAccountant.rho(all))
                .isCloseTo(1 + 0.5 + 3 / 32.0 + 0.5 / Math.pow(noise.noiseMultiplier(), 2), within(1e-12));
        assertThat(ConcentratedAccountant.noiseMultiplier(new Gaussian(3).and(new Gaussian(4))))
                .isCloseTo(12 / 5.0, within(1e-12));
        assertThat(ConcentratedAccountant.noiseMultiplier(PrivacyEvent.nothing()))
                .isInfinite();
    }

    @Test
    void noiseThatIsFoundKeepsTheBudgetAndALittleLessDoesNot() throws EventNotSupportedException {
        for (Accountant accountant : new Accountant[] {RdpAccountant.usual(), ANALYTIC}) {
            double z = Budgeting.leastNoise(accountant, noise -> new Gaussian(noise).times(6), 8, 1e-8)
                    .orElseThrow();
            assertThat(accountant.epsilon(new Gaussian(z).times(6), 1e-8)).isLessThanOrEqualTo(8);
            assertThat(accountant.epsilon(new Gaussian(z * 0.9999).times(6), 1e-8))
                    .isGreaterThan(8);
        }
        assertThat(Budgeting.leastNoise(RdpAccountant.usual(), Gaussian::new, 1e-9, 1e-12))
                .isEmpty();
    }

    @Test
    void participationsThatAreLeftFitAndOneMoreDoesNot() throws EventNotSupportedException {
        PrivacyEvent spent = new Gaussian(3).times(2);
        PrivacyEvent each = new Gaussian(4);
        long left = Budgeting.timesLeft(RdpAccountant.usual(), spent, each, 8, 1e-8, 1000);
        assertThat(left).isBetween(10L, 40L);
        assertThat(RdpAccountant.usual().epsilon(spent.and(each.times(left)), 1e-8))
                .isLessThanOrEqualTo(8);
        assertThat(RdpAccountant.usual().epsilon(spent.and(each.times(left + 1)), 1e-8))
                .isGreaterThan(8);
        assertThat(Budgeting.timesLeft(RdpAccountant.usual(), spent, each, 8, 1e-8, 5))
                .isEqualTo(5);
        assertThat(Budgeting.timesLeft(RdpAccountant.usual(), spent.times(50), each, 8, 1e-8, 5))
                .isZero();
    }

    @Test
    void onlyWhatIsGaussianHasAClosedForm() {
        PrivacyEvent sampled = new PoissonSampled(0.5, new Gaussian(1));
        assertThatThrownBy(() -> ANALYTIC.epsilon(sampled, 1e-6)).isInstanceOf(EventNotSupportedException.class);
        assertThatThrownBy(() -> CONCENTRATED.epsilon(new Laplace(1), 1e-6))
                .isInstanceOf(EventNotSupportedException.class)
                .hasMessageContaining("Laplace");
    }
}
