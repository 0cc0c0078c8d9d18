package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Losses of 0 and 1 with probability 0.5 and 0.4, and an infinite one with 0.1. */
class TiltedLossesTest {
    private static final double INFINITE = 0.1;

    @Test
    void whatIsInfiniteIsPartOfEveryDelta() {
        TiltedLosses losses = untilted();
        assertThat(losses.delta(0)).isCloseTo(INFINITE - 0.4 * Math.expm1(-1), within(1e-15));
        assertThat(losses.delta(5)).isEqualTo(INFINITE);
        assertThat(losses.epsilon(INFINITE)).isInfinite();
        assertThat(losses.epsilon(INFINITE - 0.01)).isInfinite();
    }

    @Test
    void epsilonAndDeltaAnswerEachOtherWithATiltAndWithout() {
        double tilt = 3;
        double scale = 0.5 + 0.4 * Math.exp(tilt);
        double[] masses = {0.5 / scale, 0.4 * Math.exp(tilt) / scale};
        TiltedLosses tilted = new TiltedLosses(tilt, Math.log(scale), 0, 1, masses, INFINITE);
        for (double epsilon = 0.05; epsilon < 1; epsilon += 0.1) {
            double delta = INFINITE - 0.4 * Math.expm1(epsilon - 1);
            assertThat(untilted().delta(epsilon)).isCloseTo(delta, within(1e-14));
            assertThat(tilted.delta(epsilon)).isCloseTo(delta, within(1e-14));
            assertThat(untilted().epsilon(delta)).isCloseTo(epsilon, within(1e-12));
            assertThat(tilted.epsilon(delta)).isCloseTo(epsilon, within(1e-12));
        }
    }

    private static TiltedLosses untilted() {
        return new TiltedLosses(0, 0, 0, 1, new double[] {0.5, 0.4}, INFINITE);
    }
}
