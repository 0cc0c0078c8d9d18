package dev.coppice.crypto.privacy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.Json;
import dev.coppice.testkit.TestData;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OneRunAuditTest {
    /** Printed in Steinke, Nasr and Jagielski 2023, where one is rounded and one cut off. */
    @ParameterizedTest
    @CsvSource({"1000, 100, 75, 1e-4, 0.673", "100000, 1510, 1439, 1e-5, 2.675"})
    void publishedBoundsComeOut(int canaries, int guesses, int correct, double delta, double published) {
        double bound = new OneRunAudit(canaries, guesses, correct).epsilonLowerBound(delta, 0.95);
        assertThat(bound).isCloseTo(published, within(0.001));
    }

    @Test
    void aPublishedPValueComesOut() {
        assertThat(new OneRunAudit(100, 100, 75).pValue(Math.log(3), 0)).isCloseTo(0.5534708238, within(5e-11));
    }

    /** The reference ends its search within 2^-29 below the bound. */
    @Test
    void theReferencesBoundsComeOut() {
        var rows = Json.read(TestData.find("vectors/dp-accounting/audit_one_run_golden.json"))
                .at("rows")
                .list();
        assertThat(rows).hasSize(6);
        for (Json row : rows) {
            double bound = new OneRunAudit(row.number("m"), row.number("r"), row.number("v"))
                    .epsilonLowerBound(decimal(row, "delta"), decimal(row, "confidence"));
            assertThat(bound - decimal(row, "eps_lower")).as("%s", row).isBetween(-1e-11, 4e-9);
        }
    }

    private static double decimal(Json row, String name) {
        return Double.parseDouble(row.text(name));
    }

    @Test
    void guessingLikeACoinShowsNothingAndGuessingWellShowsMuch() {
        assertThat(new OneRunAudit(1000, 200, 100).epsilonLowerBound(1e-6, 0.999))
                .isZero();
        assertThat(new OneRunAudit(1000, 1000, 1000).epsilonLowerBound(0, 0.999))
                .isCloseTo(Math.log(1000 / Math.log(1000)), within(0.01));
    }

    /** Of runs of the tightest private mechanism there is, randomized response, 1 in 20 may be refuted at 95 %. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void randomizedResponseIsRarelyRefuted(long seed) {
        var random = new SplittableRandom(seed);
        double epsilon = 1;
        int refuted = 0;
        for (int run = 0; run < 400; run++) {
            int correct = 0;
            for (int i = 0; i < 200; i++) {
                correct += random.nextDouble() < 1 / (1 + Math.exp(-epsilon)) ? 1 : 0;
            }
            refuted += new OneRunAudit(200, 200, correct).pValue(epsilon, 0) < 0.05 ? 1 : 0;
        }
        assertThat(refuted).isBetween(1, 42); // 20 or fewer expected, deviation 4.4
    }

    @Test
    void theHighestAndTheLowestScoresAreGuessed() {
        var inserted = new BitSet();
        inserted.set(3);
        inserted.set(1);
        double[] scores = {0.5, 0.9, -0.1, 0.4, -3};
        assertThat(OneRunAudit.of(scores, inserted, 2)).isEqualTo(new OneRunAudit(5, 2, 2));
        assertThat(OneRunAudit.of(scores, inserted, 4)).isEqualTo(new OneRunAudit(5, 4, 3));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new OneRunAudit(10, 11, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> new OneRunAudit(10, 5, 6));
        assertThatIllegalArgumentException().isThrownBy(() -> OneRunAudit.of(new double[4], new BitSet(), 3));
        var audit = new OneRunAudit(10, 5, 5);
        assertThatIllegalArgumentException().isThrownBy(() -> audit.epsilonLowerBound(1e-6, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> audit.pValue(-1, 0));
    }
}
