package dev.coppice.simulator.audit;

import dev.coppice.crypto.privacy.NoisePlan;
import java.util.List;

/** What the server sees of one round. */
final class Seen {
    private final float[] released;
    private final List<int[]> inputs;
    private final NoisePlan plan;

    /**
     * @param released the decoded sum, in the updates' units, and the count behind it if there is one
     * @param inputs values of the masked inputs of those who stayed
     * @param plan what the terms promised
     */
    Seen(float[] released, List<int[]> inputs, NoisePlan plan) {
        this.released = released.clone();
        this.inputs = List.copyOf(inputs);
        this.plan = plan;
    }

    void addReleasedTo(double[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += released[i];
        }
    }

    List<int[]> inputs() {
        return inputs;
    }

    NoisePlan plan() {
        return plan;
    }
}
