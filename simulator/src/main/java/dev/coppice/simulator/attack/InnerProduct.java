package dev.coppice.simulator.attack;

import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Inner-product manipulation (Xie, Koyejo and Gupta 2019, "Fall of Empires", section 4): all hand in {@code -times} the mean
 * of what they would have trained (1.1 if nothing is said), so that the merged update points away from the honest one.
 */
public final class InnerProduct implements Attack {
    @Override
    public String name() {
        return "inner-product";
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        return Vectors.along(new double[own.length], -view.parameters().of("times", 1.1), Vectors.mean(all));
    }
}
