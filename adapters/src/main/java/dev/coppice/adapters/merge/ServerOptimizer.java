package dev.coppice.adapters.merge;

import java.util.Arrays;

/**
 * Applies mean updates to the shared weights. Pure: the state goes in and comes out. The weights' order is the
 * caller's; all vectors must have the same one. For any threads.
 */
public final class ServerOptimizer {
    private static final double BETA2 = 0.99;
    /** Degree of adaptivity; Reddi et al. find 1e-3 robust. */
    private static final double TAU = 1e-3;

    private final OptimizerSettings settings;

    public ServerOptimizer(OptimizerSettings settings) {
        this.settings = settings;
    }

    /** New weights and the state for the next merge. Both belong to the receiver. */
    public static final class Merged {
        private final float[] weights;
        private final OptimizerState state;

        private Merged(float[] weights, OptimizerState state) {
            this.weights = weights;
            this.state = state;
        }

        public float[] weights() {
            return weights.clone();
        }

        public OptimizerState state() {
            return state;
        }
    }

    /**
     * One step.
     *
     * @param weights before; left as they are
     * @param mean update over the cohort; left as it is
     * @param state of the last merge, or {@link OptimizerState#none()} before the first
     * @throws IllegalArgumentException if the lengths differ
     */
    public Merged merge(float[] weights, float[] mean, OptimizerState state) {
        if (weights.length != mean.length || !state.fits(mean.length)) {
            throw new IllegalArgumentException("Weights, update and state differ in length");
        }
        return switch (settings.kind()) {
            case FEDAVG -> new Merged(stepped(weights, mean), state.next(new float[0], new float[0]));
            case MOMENTUM -> momentum(weights, mean, state);
            case FEDADAM -> adam(weights, mean, state);
            case FEDYOGI -> adaptive(weights, mean, state, ServerOptimizer::yogi);
            case FEDADAGRAD -> adaptive(weights, mean, state, (second, squared) -> second + squared);
        };
    }

    private Merged momentum(float[] weights, float[] mean, OptimizerState state) {
        float[] moment = state.first(mean.length);
        for (int i = 0; i < mean.length; i++) {
            moment[i] = (float) (settings.momentum() * moment[i] + mean[i]);
        }
        return new Merged(stepped(weights, moment), state.next(moment, new float[0]));
    }

    private Merged adam(float[] weights, float[] mean, OptimizerState state) {
        float[] first = state.first(mean.length);
        float[] second = state.second(mean.length);
        float[] direction = new float[mean.length];
        double firstCorrection = 1 - Math.pow(settings.momentum(), state.steps() + 1);
        double secondCorrection = 1 - Math.pow(BETA2, state.steps() + 1);
        for (int i = 0; i < mean.length; i++) {
            first[i] = (float) (settings.momentum() * first[i] + (1 - settings.momentum()) * mean[i]);
            second[i] = (float) (BETA2 * second[i] + (1 - BETA2) * mean[i] * mean[i]);
            direction[i] = (float) (first[i] / firstCorrection / (Math.sqrt(second[i] / secondCorrection) + TAU));
        }
        return new Merged(stepped(weights, direction), state.next(first, second));
    }

    /** What becomes of a coordinate's second moment. */
    private interface SecondMoment {
        double next(double second, double squared);
    }

    private static double yogi(double second, double squared) {
        return second - (1 - BETA2) * squared * Math.signum(second - squared);
    }

    /** Algorithm 2 of the paper: the second moment begins at tau squared, and nothing is bias-corrected. */
    private Merged adaptive(float[] weights, float[] mean, OptimizerState state, SecondMoment rule) {
        float[] first = state.first(mean.length);
        float[] second = state.second(mean.length);
        if (state.steps() == 0) {
            Arrays.fill(second, (float) (TAU * TAU));
        }
        float[] direction = new float[mean.length];
        for (int i = 0; i < mean.length; i++) {
            first[i] = (float) (settings.momentum() * first[i] + (1 - settings.momentum()) * mean[i]);
            second[i] = (float) rule.next(second[i], (double) mean[i] * mean[i]);
            direction[i] = (float) (first[i] / (Math.sqrt(second[i]) + TAU));
        }
        return new Merged(stepped(weights, direction), state.next(first, second));
    }

    private float[] stepped(float[] weights, float[] direction) {
        float[] stepped = weights.clone();
        for (int i = 0; i < stepped.length; i++) {
            stepped[i] = (float) (stepped[i] + settings.learningRate() * direction[i]);
        }
        return stepped;
    }
}
