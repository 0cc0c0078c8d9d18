package dev.coppice.adapters.kit;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.List;

/** Cross entropy of N rows of logits against N labels, of which those that are -100 do not count. */
final class CrossEntropy {
    private static final int IGNORED = -100;

    private final Ops ops;
    private final Value counted;
    private final Value losses;
    private final Value logProbabilities;

    /**
     * @param logits [N, classes]
     * @param labels [N], class ids or -100
     */
    CrossEntropy(Ops ops, Value logits, Value labels) {
        this.ops = ops;
        Value ignored = ops.graph().call("Equal", Attributes.none(), labels, ops.number(labels, IGNORED));
        Value isCounted = ops.unary("Not", ignored);
        this.counted = ops.cast(isCounted, logits.element());
        this.logProbabilities = ops.graph().call("LogSoftmax", Attributes.none().integer("axis", -1), logits);
        Value safe = ops.reshape(ops.where(isCounted, labels, ops.number(labels, 0)), labels.count(), 1);
        Value picked = ops.graph().call("GatherElements", Attributes.none().integer("axis", 1), logProbabilities, safe);
        this.losses = ops.mul(ops.unary("Neg", ops.reshape(picked, labels.count())), counted);
    }

    /** Mean over the labels that count; 0 if none does. */
    Value mean() {
        Value count = ops.total(counted);
        Value divisor = ops.graph().call("Max", Attributes.none(), count, ops.number(count, 1));
        return ops.div(ops.total(losses), divisor);
    }

    /** Sum over the labels that count. */
    Value sum() {
        return ops.total(losses);
    }

    /** For each label 1 if it counts, else 0; [N]. */
    Value counted() {
        return counted;
    }

    /** For each row: its loss, the most probable class and that class's probability, as outputs of these names. */
    List<Value> scores(String prefix) {
        Attributes last = Attributes.none().integer("axis", -1).integer("keepdims", 0);
        Value predicted = ops.graph().call("ArgMax", last, logProbabilities);
        Value highest = ops.graph()
                .call("ReduceMax", Attributes.none().integer("keepdims", 0), logProbabilities, ops.integers(-1));
        return List.of(
                ops.graph().named(prefix + "_loss", losses),
                ops.graph().named(prefix + "_predicted", ops.cast(predicted, ElementType.INT64)),
                ops.graph().named(prefix + "_probability", ops.unary("Exp", highest)));
    }
}
