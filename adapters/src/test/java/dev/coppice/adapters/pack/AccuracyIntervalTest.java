package dev.coppice.adapters.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AccuracyIntervalTest {
    /** 8 of 10, as textbooks have it: 0.490 to 0.943. */
    @Test
    void withoutNoiseItIsWilsons() {
        AccuracyInterval interval = AccuracyInterval.of(0.8, 10, 0);
        assertThat(interval.low()).isCloseTo(0.4902, within(1e-4));
        assertThat(interval.high()).isCloseTo(0.9433, within(1e-4));
        assertThat(AccuracyInterval.of(0, 10, 0).high()).isCloseTo(0.2775, within(1e-4));
        assertThat(AccuracyInterval.of(1, 10, 0).high()).isEqualTo(1);
    }

    /** Devices that differ from each other, few examples each, sums with noise: 95 of 100 intervals hold the truth. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void itHoldsTheTruthAsOftenAsItSays(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double truth = 0.75;
        double noise = 4;
        int devices = 120;
        int held = 0;
        int trials = 2_000;
        for (int trial = 0; trial < trials; trial++) {
            double sum = noise * random.nextGaussian();
            double count = devices + noise * random.nextGaussian();
            for (int device = 0; device < devices; device++) {
                double own = random.nextDouble() < 0.5 ? 0.55 : 0.95;
                int right = 0;
                for (int example = 0; example < 5; example++) {
                    right += random.nextDouble() < own ? 1 : 0;
                }
                sum += right / 5.0;
            }
            double accuracy = Math.max(0, Math.min(1, sum / count));
            AccuracyInterval interval = AccuracyInterval.of(accuracy, count, noise);
            held += interval.low() <= truth && truth <= interval.high() ? 1 : 0;
        }
        assertThat(held / (double) trials).isGreaterThan(0.95);
    }

    @Test
    void noiseWidensIt() {
        AccuracyInterval plain = AccuracyInterval.of(0.8, 100, 0);
        AccuracyInterval noised = AccuracyInterval.of(0.8, 100, 5);
        assertThat(noised.high() - noised.low()).isGreaterThan(1.4 * (plain.high() - plain.low()));
        assertThat(AccuracyInterval.of(0.8, 3, 50)).isEqualTo(new AccuracyInterval(0, 1));
    }
}
