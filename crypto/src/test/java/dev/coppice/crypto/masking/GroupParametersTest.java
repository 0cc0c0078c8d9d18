package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.FlatJson;
import dev.coppice.testkit.TestData;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden rows: graph_parameter_finder_test.cc of google-parfait/federated-compute (Apache-2.0). */
class GroupParametersTest {
    @ParameterizedTest
    @CsvSource({
        "100,0.45,0.45,false,92,46",
        "1000,0.33,0.33,false,286,150",
        "100,0.3,0.3,true,92,62",
        "100,0.05,0.33,true,72,39",
        "10,0.33,0.05,true,4,4",
        "100,0.05,0.05,true,16,11",
        "100,0.33,0,true,26,26",
        "100,0,0,true,2,2",
    })
    void theSearchGivesThePublishedDegree(
            int size, double bad, double dropped, boolean lying, int degree, int thresholdMax) {
        assertRow(size, bad, dropped, lying, degree, thresholdMax);
    }

    @Test
    void theSearchGivesAllPublishedDegrees() {
        var rows = FlatJson.objects(TestData.find("vectors/secagg-graph-params/harary_params_golden.json"));
        assertThat(rows).hasSize(88);
        for (Map<String, String> row : rows) {
            assertRow(
                    (int) number(row, "n"),
                    number(row, "adversarial"),
                    number(row, "dropout"),
                    "true".equals(row.get("semi_malicious")),
                    (int) number(row, "degree"),
                    (int) number(row, "threshold_max"));
        }
    }

    @Test
    void aLyingServerNeverCollectsEnoughOfBothSecrets() throws CohortRefusedException {
        for (int size = 3; size <= 400; size += 7) {
            GroupParameters found = GroupParameters.search(size, Rates.floor(0.05, size), 0.1);
            int bad = found.complete()
                    ? Rates.floor(0.05, size)
                    : new Hypergeometric(size, Rates.floor(0.05, size), found.degree())
                            .upperQuantile(Math.scalb(1.0, -41) / size);
            assertThat(2 * found.threshold()).as("%s", found).isGreaterThan(found.degree() + bad);
        }
    }

    @Test
    void smallCohortsAreCompleteAndLargerOnesRings() throws CohortRefusedException {
        assertThat(GroupParameters.search(33, 1, 0.1).complete()).isTrue();
        assertThat(GroupParameters.search(100, 5, 0.1).degree()).isEqualTo(32);
        assertThat(GroupParameters.search(1000, 50, 0.1)).isEqualTo(new GroupParameters(1000, 50, 78, 52));
    }

    @ParameterizedTest
    @CsvSource({"2,0,0", "10,0.5,0.3", "100,0.3,0.31", "3,0,0.4", "100,-0.1,0.1", "100,NaN,0.1"})
    void whatNoGraphBearsIsRefused(int size, double bad, double dropped) {
        assertThatThrownBy(() -> CohortParameters.search(size, 0, bad, dropped))
                .isInstanceOf(CohortRefusedException.class);
    }

    @Test
    void theDropOutBoundIsExceededInFewerThanOneRoundInAHundred() {
        double bound = DropoutBound.forDropout(0.05, 200, 0.01);
        assertThat(moreThan(200, 0.05, Rates.floor(bound, 200))).isLessThan(0.01);
        assertThat(moreThan(200, 0.05, Rates.floor(bound, 200) - 1)).isGreaterThanOrEqualTo(0.01);
        assertThat(DropoutBound.forDropout(0, 200, 0.01)).isZero();
        assertThat(DropoutBound.forDropout(0.999, 5, 0.01)).isEqualTo(1);
        assertThatThrownBy(() -> DropoutBound.forDropout(1, 5, 0.01)).isInstanceOf(IllegalArgumentException.class);
    }

    /** P[Binomial > count], the plain way. */
    private static double moreThan(int trials, double probability, int count) {
        double term = Math.pow(1 - probability, trials);
        double atMost = 0;
        for (int i = 0; i <= count; i++) {
            atMost += term;
            term *= (double) (trials - i) / (i + 1) * probability / (1 - probability);
        }
        return 1 - atMost;
    }

    private static void assertRow(int size, double bad, double dropped, boolean lying, int degree, int thresholdMax) {
        GroupParameters found = new GraphSearch(size, Rates.floor(bad, size), dropped, lying)
                .findRing(2)
                .orElseThrow();
        assertThat(found.degree()).as("%d devices, %s, %s", size, bad, dropped).isEqualTo(degree);
        assertThat(found.threshold()).isBetween(2, thresholdMax);
    }

    private static double number(Map<String, String> row, String field) {
        return Double.parseDouble(row.getOrDefault(field, ""));
    }
}
