package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Optional;

/**
 * No masked score lies further than {@link #DEPTH} below the best of its row. The exponential of one that does is no
 * normal number any more, which processors work out by a detour of hundreds of cycles: half of all scores under a causal
 * mask. {@code exp(-40)} is as good as 0 in a sum of float32 that is at least 1.
 */
final class Floors implements Pattern {
    private static final double DEPTH = 40;

    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        if (!call.op().equals("Softmax")
                || call.output().element() != ElementType.FLOAT
                || !SoftmaxGradients.isOverRows(call)) {
            return Optional.empty();
        }
        return rewriting
                .findMaker(call.input(0), "Add")
                .or(() -> rewriting.findMaker(call.input(0), "Where"))
                .map(masked -> floored(masked.output(), call, rewriting.ops()));
    }

    private static List<Value> floored(Value scores, Call softmax, Ops ops) {
        Graph graph = ops.graph();
        Value best = graph.call("ReduceMax", Attributes.none(), scores, ops.integers(-1));
        Value floor = ops.sub(best, ops.number(best, DEPTH));
        Value held = graph.call("Max", Attributes.none(), scores, floor);
        return List.of(graph.call("Softmax", softmax.attributes(), held));
    }
}
