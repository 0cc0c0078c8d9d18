package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Optional;

/** x sigmoid(x) and its slope, one operator each: QuickGelu with alpha 1. */
final class Gates implements Pattern {
    private static final Attributes ALPHA = Attributes.none().real("alpha", 1);

    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        if (!call.op().equals("Mul") || call.output().element() != ElementType.FLOAT) {
            return Optional.empty();
        }
        return gated(call, rewriting, 0)
                .or(() -> gated(call, rewriting, 1))
                .or(() -> slope(call, rewriting, 0))
                .or(() -> slope(call, rewriting, 1));
    }

    private static Optional<List<Value>> gated(Call call, Rewriting rewriting, int gate) {
        Value x = call.input(1 - gate);
        return rewriting
                .findMaker(call.input(gate), "Sigmoid")
                .filter(sigmoid -> sigmoid.input(0) == x)
                .map(sigmoid -> make(rewriting, "QuickGelu", x));
    }

    /** d (t + (y - y t)) with t = sigmoid(x) and y = x t. */
    private static Optional<List<Value>> slope(Call call, Rewriting rewriting, int slope) {
        Value d = call.input(1 - slope);
        return rewriting.findMaker(call.input(slope), "Add").flatMap(add -> {
            Value t = add.input(0);
            Optional<Call> sigmoid = rewriting.findMaker(t, "Sigmoid");
            Optional<Value> y = rewriting
                    .findMaker(add.input(1), "Sub")
                    .filter(sub -> rewriting
                            .findMaker(sub.input(1), "Mul")
                            .filter(mul -> mul.input(0) == sub.input(0) && mul.input(1) == t)
                            .isPresent())
                    .map(sub -> sub.input(0));
            return sigmoid.filter(gate -> y.flatMap(value -> rewriting.findMaker(value, "QuickGelu"))
                            .filter(gelu -> gelu.input(0) == gate.input(0))
                            .isPresent())
                    .map(gate -> make(rewriting, "QuickGeluGrad", d, gate.input(0)));
        });
    }

    private static List<Value> make(Rewriting rewriting, String op, Value... inputs) {
        return rewriting.ops().graph().callAll(Node.MICROSOFT, op, ALPHA, List.of(inputs));
    }
}
