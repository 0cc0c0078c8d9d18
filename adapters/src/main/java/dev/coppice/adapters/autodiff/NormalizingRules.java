package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** d - exp(y) sum(d). */
    private static Value logSoftmax(Step s, int input) {
        Ops ops = s.ops();
        Value sum = ops.sum(s.d(), s.attributes().integerOr("axis", -1));
        return ops.sub(s.d(), ops.mul(ops.unary("Exp", s.y()), sum));
    }

    /**
     * For y = g n + b with n = c / sqrt(mean(c^2) + eps), c = x - mean(x) if centred, else x:
     * dx = (h - mean(h) [if centred] - n mean(h n)) / sqrt(...) with h = d g (Ba et al. 2016; Zhang and Sennrich 2019).
     */
    private static Value normalized(Step s, int input, boolean centred) {
        if (input == 2) {
            return s.toInput(2, s.d());
        }
        Ops ops = s.ops();
        long[] axes = LongStream.range(Shapes.axis(s.attributes().integerOr("axis", -1), s.x().rank()), s.x().rank())
                .toArray();
        Value centre = centred ? ops.sub(s.x(), ops.mean(s.x(), axes)) : s.x();
        Value variance = ops.mean(ops.mul(centre, centre), axes);
        Value epsilon = ops.number(s.x(), s.attributes().realOr("epsilon", 1e-5f));
        Value inverse = ops.unary("Reciprocal", ops.unary("Sqrt", ops.add(variance, epsilon)));
        Value n = ops.mul(centre, inverse);
        if (input == 1) {
            return s.toInput(1, ops.mul(s.d(), n));
        }
        Value h = ops.mul(s.d(), s.in(1));
        Value along = ops.sub(h, ops.mul(n, ops.mean(ops.mul(h, n), axes)));
        return ops.mul(inverse, centred ? ops.sub(along, ops.mean(h, axes)) : along);
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
