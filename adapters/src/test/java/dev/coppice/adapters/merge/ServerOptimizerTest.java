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
