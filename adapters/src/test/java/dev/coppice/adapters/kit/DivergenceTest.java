package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.autodiff.Backward;
import dev.coppice.adapters.autodiff.NumericalGradient;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DivergenceTest {
    private static final double[] LOGITS = {0.3, -1.2, 2.0, 0.1, 0.4, -0.7};

    /** Two rows of three classes; the second does not count. */
    private static Value sum(Graph graph, Value logits, double temperature) {
        Ops ops = new Ops(graph);
        Value reference = graph.constant(Tensor.ofFloats(new float[] {1, 0, -1, 5, 5, -5}, 2, 3));
        Value counted = graph.constant(Tensor.ofFloats(new float[] {1, 0}, 2));
        return Divergence.sum(
                ops, logits, ops.cast(reference, logits.element()), ops.cast(counted, logits.element()), temperature);
    }

    @Test
    void itIsTheFormulaTimesTheSquareOfTheTemperature() throws Exception {
        Graph graph = new Graph();
        Value logits = graph.input("logits", TensorType.of(ElementType.FLOAT, 2, 3));
        Value sum = graph.named("sum", sum(graph, logits, 2));
        double[] p = probabilities(0.5, 0, -0.5);
        double[] q = probabilities(LOGITS[0] / 2, LOGITS[1] / 2, LOGITS[2] / 2);
        double expected = 0;
        for (int i = 0; i < p.length; i++) {
            expected += 4 * p[i] * Math.log(p[i] / q[i]);
        }
        float[] fed = new float[LOGITS.length];
        for (int i = 0; i < fed.length; i++) {
            fed[i] = (float) LOGITS[i];
        }
        try (PlainRun run = new PlainRun()) {
            run.feed("logits", fed, 2, 3);
            float[] found = Objects.requireNonNull(
                    run.run(graph.model("m", List.of(logits), List.of(sum))).get("sum"));
            assertThat((double) found[0]).isCloseTo(expected, within(1e-6));
        }
    }

    @Test
    void itsGradientAgreesWithFiniteDifferences() throws Exception {
        Graph graph = new Graph();
        Value logits = graph.input("logits", TensorType.of(ElementType.DOUBLE, 2, 3));
        Value sum = graph.named("sum", sum(graph, logits, 2));
        Value gradient = graph.named(
                "gradient", Backward.gradients(graph, sum, List.of(logits)).get(0));
        try (NumericalGradient check =
                new NumericalGradient(graph.model("m", List.of(logits), List.of(sum, gradient)))) {
            check.feed(logits, LOGITS.clone());
            assertThat(check.worstError(LOGITS.length, 1e-3)).isLessThan(1e-6);
        }
    }

    private static double[] probabilities(double... logits) {
        double total = 0;
        for (double logit : logits) {
            total += Math.exp(logit);
        }
        double[] probabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Math.exp(logits[i]) / total;
        }
        return probabilities;
    }
}
