package dev.coppice.agent.training;

/**
 * How much an update counts beside those of other devices: {@code min(1, examples / full)}, as in McMahan et al. 2018,
 * "Learning Differentially Private Recurrent Language Models", algorithm 1. The device multiplies by it before it clips, so
 * that no update is longer than the clip norm, and nobody learns of how many examples one is.
 */
public final class ExampleWeight {
    private ExampleWeight() {}

    /**
     * What a device counts for, above 0 and at most 1.
     *
     * @param full examples from which on it counts fully; 0: all count alike
     * @param examples that it has, at least 1
     */
    public static float of(int full, int examples) {
        return full == 0 ? 1 : Math.min(1, (float) examples / full);
    }

    /** The update, by that much shorter, in its own array. */
    public static float[] weighted(float[] update, int full, int examples) {
        float weight = of(full, examples);
        for (int i = 0; weight < 1 && i < update.length; i++) {
            update[i] *= weight;
        }
        return update;
    }
}
