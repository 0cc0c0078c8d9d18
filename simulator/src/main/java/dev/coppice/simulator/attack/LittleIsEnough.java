package dev.coppice.simulator.attack;

import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A little is enough (Baruch, Baruch and Goldberg 2019, algorithm 3): all hand in mean - z deviations of what they would have
 * trained, with the largest z that leaves enough honest devices further out. {@code z} may be given instead.
 */
public final class LittleIsEnough implements Attack {
    private static final double Z_LEAST = 0.3;
    private static final int STEPS = 60;

    @Override
    public String name() {
        return "little-is-enough";
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double z = view.parameters().of("z", largest(view.cohort(), view.attackers()));
        double[] mean = Vectors.mean(all);
        return Vectors.along(mean, -z, Vectors.deviation(all, mean));
    }

    /** The paper's z: supporters are the honest devices that a majority still needs. */
    static double largest(int devices, int attackers) {
        int supporters = devices / 2 + 1 - attackers;
        int honest = devices - attackers;
        double part = (double) (honest - supporters) / honest;
        return Math.max(Z_LEAST, quantile(Math.clamp(part, 0.5, 1 - 1e-9)));
    }

    /** Of the normal distribution, by bisection of its distribution function. */
    private static double quantile(double part) {
        double low = 0;
        double high = 10;
        for (int i = 0; i < STEPS; i++) {
            double middle = (low + high) / 2;
            if (normal(middle) < part) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Abramowitz and Stegun 1964, 26.2.17; off by less than 1e-7. */
    private static double normal(double z) {
        double t = 1 / (1 + 0.2316419 * z);
        double tail = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return 1 - Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * tail;
    }
}
