package dev.coppice.adapters.kit;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;

/** How far rows of logits are from those of a reference: sum of p (log p - log q) for p of the reference. */
final class Divergence {
    private Divergence() {}

    /**
     * The sum over the rows that count, multiplied by the square of the temperature.
     *
     * @param logits [N, classes]
     * @param reference [N, classes]
     * @param counted [N], 1 for rows that count, else 0
     */
    static Value sum(Ops ops, Value logits, Value reference, Value counted, double temperature) {
        Value q = logProbabilities(ops, logits, temperature);
        Value p = logProbabilities(ops, reference, temperature);
        Value rows = ops.sum(ops.mul(ops.unary("Exp", p), ops.sub(p, q)), -1);
        Value kept = ops.mul(ops.reshape(rows, counted.count()), counted);
        return ops.scale(ops.total(kept), temperature * temperature);
    }

    private static Value logProbabilities(Ops ops, Value logits, double temperature) {
        return ops.graph()
                .call("LogSoftmax", Attributes.none().integer("axis", -1), ops.scale(logits, 1 / temperature));
    }
}
