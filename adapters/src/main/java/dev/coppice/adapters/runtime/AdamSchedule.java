package dev.coppice.adapters.runtime;

/**
 * Bias correction of Adam folded into the learning rate (Kingma and Ba 2015, end of section 2), and the count of steps
 * it depends on.
 */
final class AdamSchedule {
    static final float BETA_1 = 0.9f;
    static final float BETA_2 = 0.999f;
    static final float EPSILON = 1e-8f;

    private int steps;

    void reset() {
        steps = 0;
    }

    /** The rate of the next step: {@code rate * sqrt(1 - beta2^t) / (1 - beta1^t)}. */
    float next(float learningRate) {
        steps++;
        return (float) (learningRate * Math.sqrt(1 - Math.pow(BETA_2, steps)) / (1 - Math.pow(BETA_1, steps)));
    }

    static void requireRate(float learningRate) {
        if (!(learningRate > 0) || Float.isInfinite(learningRate)) {
            throw new IllegalArgumentException("a learning rate is above 0 and finite");
        }
    }
}
