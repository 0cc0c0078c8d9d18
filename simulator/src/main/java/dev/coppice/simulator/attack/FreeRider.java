package dev.coppice.simulator.attack;

import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Takes part without training: hands in noise (Lin et al. 2019, "Free-riders in Federated Learning", section 3), {@code norm}
 * clip norms long (0 if nothing is said: zeros).
 */
public final class FreeRider implements Attack {
    @Override
    public String name() {
        return "free-rider";
    }

    @Override
    public boolean trains() {
        return false;
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double each = view.parameters().of("norm", 0) * view.clipNorm() / Math.sqrt(own.length);
        for (int i = 0; i < own.length; i++) {
            own[i] = (float) (each * random.nextGaussian());
        }
        return own;
    }
}
