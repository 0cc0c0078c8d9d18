package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Rules of softmax, normalisation layers and rotary positions. */
final class NormalizingRules {
    static final Map<String, Rule> ALL = Map.of(
            "Softmax", NormalizingRules::softmax,
            "LogSoftmax", NormalizingRules::logSoftmax,
            "LayerNormalization", (s, i) -> normalized(s, i, true),
            "SimplifiedLayerNormalization", (s, i) -> normalized(s, i, false),
            "RotaryEmbedding", NormalizingRules::rotary);

    private NormalizingRules() {}

    /** y (d - sum(d y)). */
    private static Value softmax(Step s, int input) {
        Ops ops = s.ops();
        Value weighted = ops.mul(s.d(), s.y());
        return ops.sub(weighted, ops.mul(s.y(), ops.sum(weighted, s.attributes().integerOr("axis", -1))));
    }

    /**
     * d - exp(y) sum(d). Where d is zero but for one place picked in each row, as at the labels of a cross entropy, rows
     * of exp(y) less 1 at that place, each times -d: products can be taken before that factor is.
     */
    private static Value logSoftmax(Step s, int input) {
        Ops ops = s.ops();
        int axis = Shapes.axis(s.attributes().integerOr("axis", -1), s.y().rank());
        Value probabilities = ops.unary("Exp", s.y());
        Optional<Call> scattered = ops.graph()
                .findMaker(s.d(), "ScatterElements")
                .filter(call -> call.input(0) == ops.zeros(s.y())
                        && call.input(1).size(axis) == 1
                        && Shapes.axis(call.attributes().integerOr("axis", 0), s.y().rank()) == axis);
        if (scattered.isEmpty()) {
            return ops.sub(s.d(), ops.mul(probabilities, ops.sum(s.d(), axis)));
        }
        Call call = scattered.get();
        Value picked = call.input(2);
        Value less = ops.expand(ops.number(picked, -1), picked.shape());
        Value rows = ops.graph().call("ScatterElements", call.attributes(), probabilities, call.input(1), less);
        return ops.mul(rows, ops.unary("Neg", picked));
    }

    /**
     * For y = g n + b with n = c r, r = 1 / sqrt(mean(c^2) + eps), c = x - mean(x) if centred, else x:
     * dx = r (h - mean(h) [if centred]) - c r^3 mean(h c) with h = d g (Ba et al. 2016; Zhang and Sennrich 2019).
     * The call itself gives r as its second output if it does not centre.
     */
    private static Value normalized(Step s, int input, boolean centred) {
        if (input == 2) {
            return s.toInput(2, s.d());
        }
        Ops ops = s.ops();
        long[] axes = LongStream.range(Shapes.axis(s.attributes().integerOr("axis", -1), s.x().rank()), s.x().rank())
                .toArray();
        Value centre = centred ? ops.sub(s.x(), ops.mean(s.x(), axes)) : s.x();
        List<Value> outputs = s.call().outputs();
        Value inverse = centred || outputs.size() == 1 ? inverseDeviation(s, centre, axes) : outputs.get(1);
        if (input == 1) {
            return s.toInput(1, ops.mul(s.d(), ops.mul(centre, inverse)));
        }
        Value h = ops.mul(s.d(), s.in(1));
        Value cubed = ops.mul(inverse, ops.mul(inverse, inverse));
        Value pull = ops.mul(centre, ops.mul(cubed, ops.mean(ops.mul(h, centre), axes)));
        return ops.sub(ops.mul(centred ? ops.sub(h, ops.mean(h, axes)) : h, inverse), pull);
    }

    private static Value inverseDeviation(Step s, Value centre, long[] axes) {
        Ops ops = s.ops();
        Value variance = ops.mean(ops.mul(centre, centre), axes);
        Value epsilon = ops.number(s.x(), s.attributes().realOr("epsilon", 1e-5f));
        return ops.unary("Reciprocal", ops.unary("Sqrt", ops.add(variance, epsilon)));
    }

    /** A rotation's transpose is the rotation the other way round. */
    private static Value rotary(Step s, int input) {
        List<Value> inputs = new ArrayList<>(s.call().inputs());
        inputs.set(0, s.d());
        inputs.set(3, s.ops().unary("Neg", s.in(3)));
        return s.ops()
                .graph()
                .callAll(s.call().domain(), s.call().op(), s.attributes(), inputs)
                .get(0);
    }
}
