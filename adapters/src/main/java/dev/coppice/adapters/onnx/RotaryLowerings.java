package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Rotary positions (Su et al. 2021). In float32 they stay one operator of ONNX Runtime, whose transpose is itself with
 * the sine negated; in float64, which that has no kernel for, they are written out.
 */
final class RotaryLowerings {
    static final Map<String, Lowering> ALL = Map.of(
            Node.MICROSOFT + ".RotaryEmbedding",
            RotaryLowerings::contributed,
            "RotaryEmbedding",
            RotaryLowerings::standard);

    private RotaryLowerings() {}

    /** Inputs x, positions, tables of cosines and sines [positions, half of what is turned]. */
    private static List<Value> contributed(Site s) {
        s.require(s.attributes().realOr("scale", 1) == 1, "a scale other than 1 is not supported");
        s.require(s.attributes().integerOr("is_packed_batching", 0) == 0, "packed batches are not supported");
        return List.of(anyRank(
                s, s.in(0), s.in(1), s.in(2), s.in(3), (int) s.attributes().integerOr("num_heads", 0)));
    }

    /** Inputs x, tables, positions; without positions the tables have one row for each place: [batch, length, half]. */
    private static List<Value> standard(Site s) {
        int heads = (int) s.attributes().integerOr("num_heads", 0);
        if (s.has(3)) {
            return List.of(anyRank(s, s.in(0), s.in(3), s.in(1), s.in(2), heads));
        }
        Ops ops = s.ops();
        boolean flat = s.in(0).rank() == 3;
        Value x = flat ? ops.heads(s.in(0), heads) : s.in(0);
        Value turned = turned(s, x, ops.unsqueeze(s.in(1), 1), ops.unsqueeze(s.in(2), 1));
        return List.of(flat ? ops.joined(turned) : turned);
    }

    private static Value anyRank(Site s, Value x, Value positions, Value cos, Value sin, int heads) {
        if (x.rank() == 4) {
            return apply(s, x, positions, cos, sin);
        }
        int size = (int) (2 * cos.size(-1));
        Value apart = s.ops().heads(x, heads > 0 ? heads : (int) (x.size(2) / size));
        return s.ops().joined(apply(s, apart, positions, cos, sin));
    }

    /**
     * x turned by the angles of its positions; how is said by the site's attributes {@code interleaved} (or
     * {@code rotary_interleaved}) and by the width of the tables, which may cover a part of each head.
     *
     * @param x [batch, heads, length, size]
     * @param positions [batch, length], or [1], the first position
     * @param cos [positions, half]
     */
    static Value apply(Site s, Value x, Value positions, Value cos, Value sin) {
        Ops ops = s.ops();
        int turned = (int) (2 * cos.size(-1));
        if (!s.isDouble() && turned <= x.size(3)) {
            Attributes attributes = Attributes.none().integer("interleaved", isInterleaved(s) ? 1 : 0);
            if (turned < x.size(3)) {
                attributes = attributes.integer("rotary_embedding_dim", turned).integer("num_heads", x.size(1));
            }
            return ops.graph()
                    .callAll(Node.MICROSOFT, "RotaryEmbedding", attributes, List.of(x, positions, cos, sin))
                    .get(0);
        }
        Value places = positions.rank() == 2 ? positions : ops.add(ops.range(x.size(2)), positions);
        Value atCos = ops.gather(cos, places);
        Value atSin = ops.gather(sin, places);
        return turned(
                s,
                x,
                atCos.rank() == 3 ? ops.unsqueeze(atCos, 1) : atCos,
                atSin.rank() == 3 ? ops.unsqueeze(atSin, 1) : atSin);
    }

    private static boolean isInterleaved(Site s) {
        return s.attributes().integerOr("interleaved", s.attributes().integerOr("rotary_interleaved", 0)) != 0;
    }

    /** (a, b) becomes (a cos - b sin, b cos + a sin), where a and b are halves of a head or every other number of it. */
    private static Value turned(Site s, Value x, Value cos, Value sin) {
        Ops ops = s.ops();
        long half = cos.size(-1);
        List<Value> parts = ops.parts(x, 2 * half, x.size(-1) - 2 * half);
        List<Value> pair = isInterleaved(s) ? alternating(ops, parts.get(0)) : ops.parts(parts.get(0), half, half);
        Value a = pair.get(0);
        Value b = pair.get(1);
        Value first = ops.sub(ops.mul(a, cos), ops.mul(b, sin));
        Value second = ops.add(ops.mul(b, cos), ops.mul(a, sin));
        List<Value> whole = new ArrayList<>();
        if (isInterleaved(s)) {
            Value paired = ops.concat(-1, List.of(ops.unsqueeze(first, 4), ops.unsqueeze(second, 4)));
            whole.add(ops.reshape(paired, parts.get(0).shape()));
        } else {
            whole.addAll(List.of(first, second));
        }
        whole.addAll(parts.subList(1, parts.size()));
        return ops.concat(-1, whole);
    }

    private static List<Value> alternating(Ops ops, Value x) {
        long half = x.size(-1) / 2;
        List<Value> pair = ops.parts(ops.reshape(x, x.size(0), x.size(1), x.size(2), half, 2), 1, 1);
        return pair.stream()
                .map(part -> ops.reshape(part, x.size(0), x.size(1), x.size(2), half))
                .toList();
    }
}
