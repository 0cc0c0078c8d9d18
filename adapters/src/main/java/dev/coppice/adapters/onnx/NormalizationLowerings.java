package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Normalisation layers and what is fused to them. Sources: the documents of ONNX's and ONNX Runtime's operators. */
final class NormalizationLowerings {
    private static final String MS = Node.MICROSOFT + ".";

    static final Map<String, Lowering> ALL = Map.of(
            "RMSNormalization",
            s -> List.of(rootMeanSquare(s, s.in(0), s.in(1))),
            "SimplifiedLayerNormalization",
            s -> List.of(rootMeanSquare(s, s.in(0), s.in(1))),
            MS + "SkipSimplifiedLayerNormalization",
            NormalizationLowerings::skipSimplified,
            MS + "SkipLayerNormalization",
            NormalizationLowerings::skip,
            MS + "EmbedLayerNormalization",
            NormalizationLowerings::embed);

    private NormalizationLowerings() {}

    /** x / sqrt(mean(x^2) + epsilon) times a scale (Zhang and Sennrich 2019); one kernel does it for float32 only. */
    private static Value rootMeanSquare(Site s, Value x, Value scale) {
        long axis = s.attributes().integerOr("axis", -1);
        float epsilon = s.attributes().realOr("epsilon", 1e-5f);
        Ops ops = s.ops();
        if (!s.isDouble()) {
            Attributes attributes = Attributes.none().integer("axis", axis).real("epsilon", epsilon);
            return s.call("SimplifiedLayerNormalization", attributes, x, scale);
        }
        long[] axes = LongStream.range(Shapes.axis(axis, x.rank()), x.rank()).toArray();
        Value square = ops.add(ops.mean(ops.mul(x, x), axes), ops.number(x, epsilon));
        return ops.mul(ops.mul(x, ops.unary("Reciprocal", ops.unary("Sqrt", square))), scale);
    }

    private static Value layer(Site s, Value x, int scale, int shift) {
        Attributes attributes = Attributes.none()
                .integer("axis", -1)
                .real("epsilon", s.attributes().realOr("epsilon", 1e-12f));
        List<Value> inputs = new ArrayList<>(List.of(x, s.in(scale)));
        if (s.has(shift)) {
            inputs.add(s.in(shift));
        }
        return s.ops()
                .graph()
                .callAll("", "LayerNormalization", attributes, inputs)
                .get(0);
    }

    /** Inputs x, skip, scale, bias; outputs the result, two statistics, and x + skip + bias. */
    private static List<Value> skipSimplified(Site s) {
        Value sum = s.ops().add(s.in(0), s.in(1));
        sum = s.has(3) ? s.ops().add(sum, s.in(3)) : sum;
        return List.of(rootMeanSquare(s, sum, s.in(2)), Value.ABSENT, Value.ABSENT, sum);
    }

    /** Inputs x, skip, scale, shift, bias; outputs as above. */
    private static List<Value> skip(Site s) {
        Value sum = s.ops().add(s.in(0), s.in(1));
        sum = s.has(4) ? s.ops().add(sum, s.in(4)) : sum;
        return List.of(layer(s, sum, 2, 3), Value.ABSENT, Value.ABSENT, sum);
    }

    /**
     * Inputs ids, segments, tables of words, positions and segments, scale, shift, mask, position ids; outputs the
     * result, the number of real tokens in each row, and the sum of the embeddings.
     */
    private static List<Value> embed(Site s) {
        Ops ops = s.ops();
        Value ids = s.in(0);
        Value sum = ops.gather(s.in(2), ids);
        Value positions = s.has(8) ? s.in(8) : ops.range(ids.size(1));
        sum = ops.add(sum, ops.gather(s.in(3), positions));
        if (s.has(1)) {
            sum = ops.add(sum, ops.gather(s.in(4), s.in(1)));
        }
        Value counts = Value.ABSENT;
        if (s.has(7)) {
            Value counted = s.call("ReduceSum", Attributes.none().integer("keepdims", 0), s.in(7), ops.integers(1));
            counts = ops.cast(counted, ElementType.INT32);
        }
        return List.of(layer(s, sum, 5, 6), counts, sum);
    }
}
