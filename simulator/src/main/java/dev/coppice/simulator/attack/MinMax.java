package dev.coppice.simulator.attack;

import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Min-max (Shejwalkar and Houmansadr 2021, equation 4, perturbation by the deviation): all hand in mean - gamma deviations of
 * what they would have trained, with the largest gamma that keeps it no further from any of those than any two of them are.
 */
public final class MinMax implements Attack {
    private static final double GAMMA_MAX = 100;
    private static final int STEPS = 30;

    @Override
    public String name() {
        return "min-max";
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double[] mean = Vectors.mean(all);
        double[] deviation = Vectors.deviation(all, mean);
        double widest = 0;
        for (float[] one : all) {
            widest = Math.max(widest, furthest(one, all));
        }
        double low = 0;
        double high = GAMMA_MAX;
        for (int i = 0; i < STEPS; i++) {
            double middle = (low + high) / 2;
            if (furthest(Vectors.along(mean, -middle, deviation), all) <= widest) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Vectors.along(mean, -low, deviation);
    }

    private static double furthest(float[] from, List<float[]> all) {
        return all.stream()
                .mapToDouble(other -> Vectors.distance(from, other))
                .max()
                .orElse(0);
    }
}
