package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One release on a sample, in both directions, by where its likelihood ratio crosses {@code exp(epsilon)}. */
class LossDotsTest {
    private static final double STEP = 2e-4;

    @ParameterizedTest(name = "sigma {0}, rate {1}")
    @CsvSource({"1, 0.5", "0.6, 0.2", "3, 0.9", "2, 0.01", "1, 1"})
    void noDeltaIsBelowTheExactOneNorMuchAbove(double sigma, double rate) {
        LossModel model = ShiftedLoss.sampled(new NoiseShape.OfNormal(sigma), rate);
        LossDots.Pair lattice = LossDots.onLattice(model, STEP);
        LossDots.Pair few = LossDots.few(model, 1);
        for (double epsilon = 0.0005; epsilon < 3; epsilon *= 1.7) {
            double removed = removed(sigma, rate, epsilon);
            double added = added(sigma, rate, epsilon);
            assertThat(delta(lattice.removed(), epsilon)).isBetween(removed - 1e-14, removed * (1 + 1e-3) + 2e-7);
            assertThat(delta(lattice.added(), epsilon)).isBetween(added - 1e-14, added * (1 + 1e-3) + 2e-7);
            assertThat(delta(few.removed(), epsilon)).isBetween(removed - 1e-14, removed * 1.02 + 5e-4);
            assertThat(delta(few.added(), epsilon)).isBetween(added - 1e-14, added * 1.02 + 5e-4);
        }
        for (LossDots dots : new LossDots[] {lattice.removed(), lattice.added(), few.removed(), few.added()}) {
            double all = dots.infinite;
            for (double mass : dots.masses) {
                all += mass;
            }
            assertThat(all).isCloseTo(1, within(1e-12));
        }
    }

    static double delta(LossDots dots, double epsilon) {
        double delta = dots.infinite;
        for (int i = 0; i < dots.losses.length; i++) {
            delta += dots.masses[i] * Math.max(0, -Math.expm1(epsilon - dots.losses[i]));
        }
        return delta;
    }

    /** The person is there: what lies where the ratio is above {@code exp(epsilon)}. */
    private static double removed(double sigma, double rate, double epsilon) {
        double x = crossing(sigma, rate, Math.exp(epsilon));
        double without = Normal.above(x / sigma);
        return (1 - rate) * without + rate * Normal.above((x - 1) / sigma) - Math.exp(epsilon) * without;
    }

    /** It is not: what lies where the ratio is below {@code exp(-epsilon)}. */
    private static double added(double sigma, double rate, double epsilon) {
        if (Math.exp(-epsilon) <= 1 - rate) {
            return 0;
        }
        double x = crossing(sigma, rate, Math.exp(-epsilon));
        double without = Normal.above(-x / sigma);
        return without - Math.exp(epsilon) * ((1 - rate) * without + rate * Normal.above(-(x - 1) / sigma));
    }

    private static double crossing(double sigma, double rate, double ratio) {
        return 0.5 + sigma * sigma * Math.log((ratio - 1 + rate) / rate);
    }
}
