package dev.coppice.agent.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.testkit.SeededBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemperatureTest {
    private static final int CLASSES = 5;

    /** Answers are drawn by the model's own probabilities at a temperature; that one is found again. */
    @ParameterizedTest
    @ValueSource(doubles = {0.7, 1, 2.5, 6})
    void theTemperatureThatAnswersWereDrawnAtIsFound(double truth) {
        List<float[]> logits = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        draw(20_000, truth, 7, logits, labels);
        assertThat(Temperature.fit(logits, labels).value()).isEqualTo(truth, within(0.06 * truth));
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void noOtherTemperatureExplainsTheAnswersBetter(long seed) {
        List<float[]> logits = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        draw(60, 3, seed, logits, labels);
        double best = Temperature.fit(logits, labels).value();
        double found = loss(logits, labels, best);
        for (double t = Temperature.MIN; t <= Temperature.MAX; t *= 1.05) {
            assertThat(found)
                    .as("seed %d, temperature %f", seed, t)
                    .isLessThanOrEqualTo(loss(logits, labels, t) + 1e-9);
        }
    }

    @Test
    void examplesThatAllComeOutRightOrWrongDoNotMakeItSureOfEverythingOrNothing() {
        List<float[]> logits = Collections.nCopies(30, new float[] {1, 0, 0, 0, 0});
        assertThat(Temperature.fit(logits, Collections.nCopies(30, 0)).value())
                .isEqualTo(Temperature.MIN, within(1e-6));
        assertThat(Temperature.fit(logits, Collections.nCopies(30, 1)).value())
                .isEqualTo(Temperature.MAX, within(1e-6));
    }

    @Test
    void fewExamplesChangeNothing() {
        int few = Temperature.EXAMPLES_MIN - 1;
        List<float[]> logits = Collections.nCopies(few, new float[] {1, 0, 0, 0, 0});
        assertThat(Temperature.fit(logits, Collections.nCopies(few, 1))).isEqualTo(Temperature.NONE);
        assertThat(Calibration.fit(logits, Collections.nCopies(few, 1), 0.5)).isEqualTo(Calibration.NONE);
        assertThatThrownBy(() -> Temperature.fit(logits, List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aShareOfTheDevicesOwnTextsIsOutOfScopeAndWhatIsStrangerToo() {
        List<float[]> logits = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        draw(100, 1, 3, logits, labels);
        Calibration calibration = Calibration.fit(logits, labels, 0.1);
        assertThat(logits.stream().filter(row -> !calibration.isInScope(row))).hasSize(10);
        assertThat(calibration.isInScope(new float[] {-50, -50, -50, -50, -50})).isFalse();
        assertThat(Calibration.fit(logits, labels, 0).isInScope(new float[] {-50, -50, -50, -50, -50}))
                .isTrue();
    }

    @Test
    void largeLogitsDoNotOverflow() {
        float[] large = {1e30f, -1e30f, 0, 0, 0};
        assertThat(Temperature.NONE.confidence(large)).isEqualTo(1);
        assertThat(Temperature.NONE.negativeEnergy(large)).isEqualTo(1e30f, within(1e24));
    }

    private static void draw(int count, double temperature, long seed, List<float[]> logits, List<Integer> labels) {
        byte[] bytes = new byte[count * (CLASSES + 1) * Integer.BYTES];
        new SeededBytes(seed).fill(bytes);
        ByteBuffer draws = ByteBuffer.wrap(bytes);
        for (int i = 0; i < count; i++) {
            float[] row = new float[CLASSES];
            for (int c = 0; c < CLASSES; c++) {
                row[c] = (float) (8 * uniform(draws));
            }
            double left = uniform(draws);
            int label = 0;
            while (label < CLASSES - 1 && left > probability(row, label, temperature)) {
                left -= probability(row, label, temperature);
                label++;
            }
            logits.add(row);
            labels.add(label);
        }
    }

    private static double uniform(ByteBuffer draws) {
        return (draws.getInt() >>> 1) / (double) Integer.MAX_VALUE;
    }

    private static double loss(List<float[]> logits, List<Integer> labels, double temperature) {
        double loss = 0;
        for (int i = 0; i < logits.size(); i++) {
            loss -= Math.log(probability(logits.get(i), labels.get(i), temperature));
        }
        return loss;
    }

    private static double probability(float[] row, int label, double temperature) {
        double sum = 0;
        for (float logit : row) {
            sum += Math.exp(logit / temperature);
        }
        return Math.exp(row[label] / temperature) / sum;
    }
}
