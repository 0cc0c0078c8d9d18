package dev.coppice.adapters.merge;

/**
 * Which server optimizer applies mean updates, and how boldly. What becomes of the factors is a {@link MergeRule}.
 *
 * @param learningRate of the server, above 0 and at most 100; 1 adds the mean update as it is where the kind is FEDAVG
 * @param momentum part of the past that each step keeps, 0 to below 1; the first moment's decay where the kind is adaptive
 */
public record OptimizerSettings(Kind kind, double learningRate, double momentum) {
    private static final double LEARNING_RATE_MAX = 100;

    /** The optimizers of Reddi et al. 2021, "Adaptive Federated Optimization", and plain averaging. */
    public enum Kind {
        /** {@code x += lr * u}. */
        FEDAVG,
        /** {@code m = momentum * m + u; x += lr * m}. */
        MOMENTUM,
        /** {@code m = b1 m + (1-b1) u; v = b2 v + (1-b2) u^2; x += lr * m / (sqrt(v) + tau)}, both bias-corrected. */
        FEDADAM,
        /** {@code m} and the step as in Algorithm 2, {@code v = v - (1-b2) u^2 sign(v - u^2)}, from {@code tau^2}. */
        FEDYOGI,
        /** {@code m} and the step as in Algorithm 2, {@code v = v + u^2}, from {@code tau^2}. */
        FEDADAGRAD
    }

    public OptimizerSettings {
        if (!(learningRate > 0 && learningRate <= LEARNING_RATE_MAX)) {
            throw new IllegalArgumentException("A server's learning rate is above 0, at most 100");
        }
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("Momentum is 0 to below 1");
        }
    }
}
