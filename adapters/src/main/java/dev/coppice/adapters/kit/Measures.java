package dev.coppice.adapters.kit;

import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What one replay of the model is measured by: cross entropy of rows' labels, of tokens, or of both, and scores. Sums
 * are divided by how many labels the whole step has, so that the measures of its batches add up to the step's.
 */
final class Measures {
    private final Ops ops;
    private final KitSpec spec;
    private final Map<String, Value> inputs;
    private final Head head;
    private final List<Measure> measures = new ArrayList<>();

    /** One kind of labels: N rows of logits, how they compare with the labels, and how many labels the step has. */
    private record Measure(String prefix, Value logits, CrossEntropy entropy, Value count) {}

    /** @param rows the positions that the replay's output layer sees; empty if it sees all */
    Measures(
            Ops ops,
            KitSpec spec,
            Map<String, Value> inputs,
            Head head,
            Optional<LabelledRows> rows,
            Trainables trainables,
            Map<String, Value> values) {
        this.ops = ops;
        this.spec = spec;
        this.inputs = inputs;
        this.head = head;
        if (spec.task().hasLabels()) {
            Value logits = head.logits(ops, trainables, values, input(KitInputs.MASK));
            measures.add(measure("row", logits, input(KitInputs.ROW_LABELS), KitInputs.ROW_COUNT));
        }
        if (spec.task().hasTokens()) {
            Value logits = TrainingGraph.output(values, "logits");
            Value labels = rows.map(LabelledRows::labels).orElseGet(() -> input(KitInputs.NEXT_TOKENS));
            measures.add(measure("token", logits, labels, KitInputs.TOKEN_COUNT));
        }
    }

    /** This batch's part of the step's mean cross entropy, in nats; for two kinds of labels the sum of the two. */
    Value loss() {
        return measures.stream()
                .map(measure -> ops.div(measure.entropy().sum(), measure.count()))
                .reduce(ops::add)
                .orElseThrow();
    }

    /** Outputs of the eval model: for each position its loss, the predicted id and that id's probability. */
    List<Value> scores() {
        return measures.stream()
                .flatMap(measure -> measure.entropy().scores(measure.prefix()).stream())
                .toList();
    }

    /** How many of the step's labels are in this batch, 0 to 1. */
    Value share() {
        Measure first = measures.get(0);
        return ops.div(ops.total(first.entropy().counted()), first.count());
    }

    /** The logits of a replay of the base model that stand beside those that are trained. */
    Value logits(Map<String, Value> base) {
        return spec.task().hasLabels() ? head.ownLogits(base) : TrainingGraph.output(base, "logits");
    }

    /**
     * This batch's part of the step's mean divergence from a reference.
     *
     * @param reference its logits, for each token that the measured replay has logits for, or for each text
     */
    Value divergence(Value reference) {
        Measure only = measures.get(0);
        Value theirs = ops.rows(reference);
        if (!Arrays.equals(theirs.shape(), only.logits().shape())) {
            throw new GraphRefusedException("the model tells apart "
                    + only.logits().size(-1) + " classes, but the" + " teacher " + theirs.size(-1));
        }
        Value sum = Divergence.sum(
                ops,
                only.logits(),
                theirs,
                only.entropy().counted(),
                spec.objective().temperature());
        return ops.div(sum, only.count());
    }

    private Measure measure(String prefix, Value logits, Value labels, String count) {
        Value each = ops.rows(logits);
        if (each.size(0) != labels.count()) {
            throw new GraphRefusedException(
                    "the model gives " + each.size(0) + " rows of logits for " + labels.count() + " labels");
        }
        CrossEntropy entropy = new CrossEntropy(ops, each, ops.reshape(labels, labels.count()));
        return new Measure(prefix, each, entropy, ops.cast(input(count), logits.element()));
    }

    private Value input(String name) {
        return Objects.requireNonNull(inputs.get(name));
    }
}
