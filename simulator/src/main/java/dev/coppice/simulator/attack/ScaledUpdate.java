package dev.coppice.simulator.attack;

import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Hands in {@code times} clip norms (-10 if nothing is said) in the direction of what it trained, and does not clip: what
 * secure aggregation cannot see in a sum but by its norm.
 */
public final class ScaledUpdate implements Attack {
    @Override
    public String name() {
        return "scaled-update";
    }

    @Override
    public boolean clips() {
        return false;
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double norm = Vectors.distance(own, new float[own.length]);
        double times = norm == 0 ? 0 : view.parameters().of("times", -10) * view.clipNorm() / norm;
        for (int i = 0; i < own.length; i++) {
            own[i] = (float) (times * own[i]);
        }
        return own;
    }
}
