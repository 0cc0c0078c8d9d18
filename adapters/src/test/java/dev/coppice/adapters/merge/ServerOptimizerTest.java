package dev.coppice.adapters.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.merge.OptimizerSettings.Kind;
import org.junit.jupiter.api.Test;

class ServerOptimizerTest {
    private static final float[] START = {1, -1};
    private static final float[] MEAN = {0.5f, 0.25f};

    private static float[] twice(OptimizerSettings settings) {
        ServerOptimizer optimizer = new ServerOptimizer(settings);
        ServerOptimizer.Merged first = optimizer.merge(START, MEAN, OptimizerState.none());
        OptimizerState stored = OptimizerState.of(first.state().toBytes());
        return optimizer.merge(first.weights(), MEAN, stored).weights();
    }

    @Test
    void averagingAddsTheMeanTimesTheLearningRate() {
        assertThat(twice(new OptimizerSettings(Kind.FEDAVG, 2, 0))).containsExactly(3, 0);
    }

    @Test
    void momentumKeepsPartOfTheStepBefore() {
        // steps of u and then of 0.5 u + u
        assertThat(twice(new OptimizerSettings(Kind.MOMENTUM, 1, 0.5)))
                .containsExactly(1 + 2.5f * 0.5f, -1 + 2.5f * 0.25f);
    }

    @Test
    void adamMovesAllCoordinatesByNearlyTheLearningRateWhereUpdatesAgree() {
        // bias-corrected: m = u and v = u^2 in both steps
        float[] weights = twice(new OptimizerSettings(Kind.FEDADAM, 0.1, 0.9));
        assertThat(weights[0]).isCloseTo((float) (1 + 2 * 0.1 * 0.5 / 0.501), within(1e-5f));
        assertThat(weights[1]).isCloseTo((float) (-1 + 2 * 0.1 * 0.25 / 0.251), within(1e-5f));
    }

    /**
     * Algorithm 2 of Reddi et al. 2021 with beta2 = 0.99 and tau = 1e-3, written down once more in Python's float64. The third
     * coordinate stays below tau, where the second moment of FedYogi shrinks.
     */
    @Test
    void yogiAndAdagradAreThePapersAlgorithm2() {
        assertThrice(new OptimizerSettings(Kind.FEDYOGI, 0.1, 0.9), 1.26753937, -0.65577240, 0.00818075);
        assertThrice(new OptimizerSettings(Kind.FEDADAGRAD, 0.1, 0.9), 1.02720848, -0.96458546, 0.00767023);
        assertThrice(new OptimizerSettings(Kind.FEDADAGRAD, 0.1, 0), 1.13085062, -0.82988824, 0.02829854);
    }

    private static void assertThrice(OptimizerSettings settings, double... expected) {
        float[] weights = thrice(settings);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) weights[i]).as("%s, weight %d", settings, i).isCloseTo(expected[i], within(1e-6));
        }
    }

    private static float[] thrice(OptimizerSettings settings) {
        ServerOptimizer optimizer = new ServerOptimizer(settings);
        float[] weights = {1, -1, 0};
        OptimizerState state = OptimizerState.none();
        for (float[] mean : new float[][] {{0.5f, 0.25f, 0.0005f}, {-0.1f, 0.25f, 0.0002f}, {0.3f, 0, -0.0001f}}) {
            ServerOptimizer.Merged merged = optimizer.merge(weights, mean, state);
            weights = merged.weights();
            state = OptimizerState.of(merged.state().toBytes());
        }
        return weights;
    }

    @Test
    void whatGoesInStaysAsItIs() {
        float[] weights = START.clone();
        float[] mean = MEAN.clone();
        OptimizerState none = OptimizerState.none();
        OptimizerState next = new ServerOptimizer(new OptimizerSettings(Kind.FEDADAM, 1, 0.9))
                .merge(weights, mean, none)
                .state();
        assertThat(weights).containsExactly(START);
        assertThat(mean).containsExactly(MEAN);
        assertThat(none.steps()).isZero();
        assertThat(next.steps()).isEqualTo(1);
    }

    @Test
    void lengthsThatDifferAndBytesThatAreNoStateAreRefused() {
        ServerOptimizer optimizer = new ServerOptimizer(new OptimizerSettings(Kind.MOMENTUM, 1, 0.5));
        OptimizerState ofTwo =
                optimizer.merge(START, MEAN, OptimizerState.none()).state();
        assertThatThrownBy(() -> optimizer.merge(START, new float[3], OptimizerState.none()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> optimizer.merge(new float[3], new float[3], ofTwo))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] bytes = ofTwo.toBytes();
        for (int length = 1; length < bytes.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> OptimizerState.of(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new OptimizerSettings(Kind.FEDAVG, Double.NaN, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
