package dev.coppice.simulator.population;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Choices of which some come up more often than others. Immutable. */
final class Weighted<T> {
    private final List<T> choices;
    private final double[] weights;
    private final double sum;

    private Weighted(List<T> choices, double[] weights) {
        this.choices = List.copyOf(choices);
        this.weights = weights;
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        this.sum = total;
    }

    /** Weights exp(spread * g), g standard normal. */
    static <T> Weighted<T> spread(List<T> choices, double spread, SplittableRandom random) {
        double[] even = new double[choices.size()];
        Arrays.fill(even, 1);
        return new Weighted<>(choices, even).perturbed(spread, random);
    }

    /** Each weight times exp(spread * g), g standard normal. */
    Weighted<T> perturbed(double spread, SplittableRandom random) {
        double[] changed = weights.clone();
        for (int i = 0; i < changed.length; i++) {
            changed[i] *= Math.exp(spread * random.nextGaussian());
        }
        return new Weighted<>(choices, changed);
    }

    T draw(SplittableRandom random) {
        double at = random.nextDouble() * sum;
        for (int i = 0; i < weights.length; i++) {
            at -= weights[i];
            if (at < 0) {
                return choices.get(i);
            }
        }
        return choices.get(choices.size() - 1);
    }
}
