package dev.coppice.crypto.privacy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.privacy.audit.CosineAudit.Sample;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CosineAuditTest {
    /** scipy.stats.nct.sf(t, degrees, shift) says, version 1.17.1. */
    @ParameterizedTest
    @CsvSource({
        "1, 2, 0.5, 0.2515144158",
        "5, 1.5, 0, 0.0969518401",
        "30, 6, 3, 0.0091559916",
        "30, -1, 0.3, 0.8999364441",
        "500, 10, 7, 0.0021402007",
        "5000, 3, 0, 0.0013565545"
    })
    void theNoncentralTIsThatOfOthers(int degrees, double t, double shift, double expected) {
        assertThat(new NoncentralT(degrees).above(t, shift)).isCloseTo(expected, within(1e-8));
    }

    /** A bound of 95 % is above the truth in 1 of 20 runs, and not in many fewer: it is exact for Gaussians. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theBoundIsRarelyAboveTheTruthAndNotFarBelowIt(long seed) {
        var random = new Random(seed);
        double separation = 1.3;
        int wrong = 0;
        double sum = 0;
        for (int run = 0; run < 400; run++) {
            double bound = draw(random, separation, 30, 60).separationLowerBound(0.95);
            wrong += bound > separation ? 1 : 0;
            sum += bound;
        }
        assertThat(wrong).isBetween(4, 42); // 20 expected, deviation 4.4
        assertThat(sum / 400).isBetween(0.85, 1.0); // 1.3 - 1.64 * 0.246 = 0.90
    }

    /** Student's t of 3.13 with 2 degrees of freedom has a p-value of 0.0443. */
    @Test
    void ofFourCosinesTheBoundIsStudents() {
        var audit = new CosineAudit(Sample.of(new double[] {3, 5}), Sample.of(new double[] {0, 1}));
        assertThat(audit.separation()).isCloseTo(3.130495, within(1e-6));
        assertThat(audit.separationLowerBound(0.955)).isPositive();
        assertThat(audit.separationLowerBound(0.956)).isZero();
    }

    @Test
    void manyCanariesComeNearToTheGaussianMechanism() {
        var audit = draw(new Random(1), 1 / 0.8, 20_000, 20_000);
        double exact = 7.583; // of noise 0.8 at delta 1e-8
        assertThat(audit.epsilon(1e-8)).isCloseTo(exact, within(0.25));
        assertThat(audit.epsilonLowerBound(1e-8, 0.999)).isBetween(exact - 0.6, exact);
    }

    @Test
    void whoIsNotThereIsNotSeen() {
        assertThat(draw(new Random(3), 0, 50, 500).epsilonLowerBound(1e-6, 0.999))
                .isZero();
        assertThat(draw(new Random(3), -2, 50, 500).epsilonLowerBound(1e-6, 0.999))
                .isZero();
        assertThat(draw(new Random(3), -2, 50, 500).epsilon(1e-6)).isZero();
    }

    @Test
    void canariesThatStandOutWithoutAnyNoiseAreWorthAnyEpsilon() {
        var audit = new CosineAudit(Sample.of(new double[] {1, 1}), Sample.of(new double[] {0, 0, 0}));
        assertThat(audit.separation()).isInfinite();
        assertThat(audit.epsilonLowerBound(1e-8, 0.999)).isGreaterThan(1e6);
    }

    @Test
    void aSampleHasAMeanAndASpread() {
        var sample = Sample.of(new double[] {1, 2, 6});
        assertThat(sample.mean()).isEqualTo(3);
        assertThat(sample.squares()).isEqualTo(14);
        assertThatIllegalArgumentException().isThrownBy(() -> Sample.of(new double[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> Sample.of(new double[] {Double.NaN}));
        var one = Sample.of(new double[1]);
        assertThatIllegalArgumentException().isThrownBy(() -> new CosineAudit(one, one));
    }

    private static CosineAudit draw(Random random, double separation, int inserted, int heldOut) {
        double[] in = random.doubles(inserted)
                .map(any -> 0.02 * (separation + random.nextGaussian()))
                .toArray();
        double[] out =
                random.doubles(heldOut).map(any -> 0.02 * random.nextGaussian()).toArray();
        return new CosineAudit(Sample.of(in), Sample.of(out));
    }
}
