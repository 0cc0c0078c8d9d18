package dev.coppice.crypto.privacy.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurningWeightsTest {
    /** Each by its own cosine and sine, for losses that turn little and for such that go round many times. */
    @ParameterizedTest(name = "sigma {0}, rate {1}, turn {2}, from {3} on")
    @CsvSource({"1, 0.5, 0.05, 0", "1, 0.5, 1.5, 0", "0.7, 0.01, 1.5, 16", "2, 1, 0.4, 32"})
    void sumsAreThoseOfEachWeightByItself(double sigma, double rate, double turn, int start) {
        LossDots dots = LossDots.few(ShiftedLoss.sampled(new NoiseShape.OfNormal(sigma), rate), 1)
                .removed();
        TurningWeights weights = new TurningWeights();
        weights.begin(dots, 0.3, 0.7, turn, start);
        double all = 0;
        for (int i = 0; i < dots.losses.length; i++) {
            all += dots.masses[i] * Math.exp(0.3 * dots.losses[i] - 0.7);
        }
        assertThat(weights.weight()).isCloseTo(all, within(1e-14));
        for (int k = start; k < start + 16; k++) {
            double real = 0;
            double imaginary = 0;
            for (int i = 0; i < dots.losses.length; i++) {
                double weight = dots.masses[i] * Math.exp(0.3 * dots.losses[i] - 0.7) / all;
                real += weight * Math.cos(k * turn * dots.losses[i]);
                imaginary += weight * Math.sin(k * turn * dots.losses[i]);
            }
            weights.sum();
            assertThat(weights.magnitude() * Math.cos(weights.phase())).isCloseTo(real, within(1e-12));
            assertThat(weights.magnitude() * Math.sin(weights.phase())).isCloseTo(imaginary, within(1e-12));
            weights.turn();
        }
    }
}
