package dev.coppice.simulator.attack;

import dev.coppice.simulator.extension.Attack;
import java.util.List;
import java.util.SplittableRandom;

/** Hands in the opposite of what it trained, {@code times} as long (1 if nothing is said), clipped as all are. */
public final class SignFlip implements Attack {
    @Override
    public String name() {
        return "sign-flip";
    }

    @Override
    public float[] update(float[] own, List<float[]> all, View view, SplittableRandom random) {
        double times = view.parameters().of("times", 1);
        for (int i = 0; i < own.length; i++) {
            own[i] = (float) (-times * own[i]);
        }
        return own;
    }
}
