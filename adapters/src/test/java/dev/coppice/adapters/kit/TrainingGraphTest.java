package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.autodiff.NumericalGradient;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.StoredModel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of whole models against finite differences in float64. */
class TrainingGraphTest {
    private static final int BATCH = 3;
    private static final int LENGTH = 5;
    private static final int VOCABULARY = 13;

    static Stream<KitSpec> specs() {
        LoraSpec b = new LoraSpec(2, 3, List.of("q_proj", "v_proj", "down_proj"), Factors.B, 7);
        LoraSpec both = new LoraSpec(2, 3, List.of("k_proj", "o_proj", "up_proj"), Factors.BOTH, 7);
        List<String> other = List.of("left", "right");
        return Stream.of(
                new KitSpec(Task.CAUSAL_LM, both, List.of(), BATCH, LENGTH),
                new KitSpec(Task.TEXT_CLASSIFICATION, b, TinyDecoder.LABELS, BATCH, LENGTH),
                new KitSpec(Task.TEXT_CLASSIFICATION, b, other, BATCH, LENGTH),
                new KitSpec(Task.CAUSAL_LM, both, List.of(), BATCH, LENGTH)
                        .with(Objective.PLAIN.withTeacher(0.7, 2, VOCABULARY)),
                new KitSpec(Task.TEXT_CLASSIFICATION, b, other, BATCH, LENGTH)
                        .with(Objective.PLAIN.withTeacher(3, 0.5, 2)),
                new KitSpec(Task.CAUSAL_LM, both, List.of(), BATCH, LENGTH)
                        .with(Objective.PLAIN.withCloseness(0.7, 2).withProximal(0.3)),
                new KitSpec(Task.CAUSAL_LM, both, List.of(), BATCH, LENGTH).withPredictedMax(9),
                new KitSpec(Task.CAUSAL_LM, both, List.of(), BATCH, LENGTH)
                        .with(Objective.PLAIN.withTeacher(0.7, 2, VOCABULARY))
                        .withPredictedMax(8),
                new KitSpec(Task.CAUSAL_LM, both, List.of(), BATCH, LENGTH)
                        .with(Objective.PLAIN.withCloseness(0.7, 2))
                        .withPredictedMax(8),
                new KitSpec(Task.PRETRAINING, LoraSpec.none(), TinyDecoder.LABELS, BATCH, LENGTH));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void gradientsAgreeWithFiniteDifferences(KitSpec spec) throws Exception {
        agrees(spec, Recomputation.NEVER);
    }

    @ParameterizedTest
    @MethodSource("specs")
    void soDoThoseOfAForwardPassThatIsComputedAgain(KitSpec spec) throws Exception {
        agrees(spec, Recomputation.ALWAYS);
    }

    private static void agrees(KitSpec spec, Recomputation recomputation) throws Exception {
        TrainingGraph graph = new TrainingGraph(
                StoredModel.of(TinyDecoder.smallest().build()),
                TinyDecoder.LABELS,
                spec,
                ElementType.DOUBLE,
                recomputation);
        try (NumericalGradient check = new NumericalGradient(graph.minimised())) {
            feedBatch(check, spec);
            float[] start = graph.initial().toArray();
            int offset = 0;
            for (TensorSpec tensor : graph.initial().layout().tensors()) {
                double[] values = new double[tensor.count()];
                float[] moved = TinyDecoder.uniform(tensor.name().hashCode(), 0.2, values.length);
                for (int i = 0; i < values.length; i++) {
                    values[i] = start[offset + i] + moved[i];
                }
                offset += values.length;
                long[] shape = tensor.shape().stream().mapToLong(s -> s).toArray();
                if (spec.objective().proximal() > 0) {
                    check.constant(tensor.name() + KitInputs.START, new double[values.length], shape);
                }
                check.feed(tensor.name(), values, shape);
            }
            assertThat(check.worstError(12, 1e-3)).isLessThan(1e-6);
        }
    }

    /** Rows of 5, 3 and 0 real tokens; the last does not count. */
    private static void feedBatch(NumericalGradient check, KitSpec spec) {
        check.feed(KitInputs.TOKENS, new long[] {1, 2, 3, 1, 5, 4, 4, 12, 0, 0, 0, 0, 0, 0, 0}, BATCH, LENGTH);
        check.feed(KitInputs.MASK, new long[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0}, BATCH, LENGTH);
        if (spec.task().hasTokens()) {
            long[] next = {2, 3, 1, 5, 7, 4, 12, 3, -100, -100, -100, -100, -100, -100, -100};
            check.feed(KitInputs.NEXT_TOKENS, next, BATCH, LENGTH);
            check.feed(KitInputs.TOKEN_COUNT, new long[] {8});
        }
        if (spec.task().hasLabels()) {
            check.feed(KitInputs.ROW_LABELS, new long[] {1, 0, -100}, BATCH);
            check.feed(KitInputs.ROW_COUNT, new long[] {2});
        }
        int classes = spec.objective().teacherClasses();
        if (classes > 0) {
            long[] shape = spec.task().hasTokens() ? new long[] {BATCH, LENGTH, classes} : new long[] {BATCH, classes};
            float[] logits = TinyDecoder.uniform(5, 2, (int) Shapes.count(shape));
            double[] wide = new double[logits.length];
            Arrays.setAll(wide, i -> logits[i]);
            check.constant(KitInputs.TEACHER, wide, shape);
        }
    }
}
