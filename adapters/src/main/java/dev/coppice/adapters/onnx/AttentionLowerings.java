package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Fused attention. Caches have to be empty: a kit sees whole texts. Sources: the documents of ONNX's and ONNX
 * Runtime's operators.
 */
final class AttentionLowerings {
    private static final String MS = Node.MICROSOFT + ".";

    static final Map<String, Lowering> ALL = Map.of(
            "Attention",
            AttentionLowerings::standard,
            MS + "Attention",
            AttentionLowerings::packed,
            MS + "MultiHeadAttention",
            AttentionLowerings::multiHead,
            MS + "GroupQueryAttention",
            AttentionLowerings::groupQuery);

    private AttentionLowerings() {}

    /** Inputs x, weights of q, k and v side by side, their bias, mask, cache [2, ...], bias of scores. */
    private static List<Value> packed(Site s) {
        Ops ops = s.ops();
        s.require(
                s.attributes().integerOr("do_rotary", 0) == 0,
                "rotary positions without tables are not supported; export them as RotaryEmbedding");
        requireEmpty(s, 4);
        int heads = heads(s, "num_heads");
        Value product = s.product(s.in(0), 1);
        Value qkv = s.has(2) ? ops.add(product, s.in(2)) : product;
        long third = qkv.size(-1) / 3;
        long[] sizes = s.attributes().findIntegers("qkv_hidden_sizes").orElse(new long[] {third, third, third});
        List<Value> parts = ops.parts(qkv, sizes);
        Value q = ops.heads(parts.get(0), heads);
        Value k = ops.heads(parts.get(1), heads);
        Value v = ops.heads(parts.get(2), heads);
        ScaledScores scores = scores(s, q)
                .causal(s.attributes().integerOr("unidirectional", 0) != 0)
                .padding(s.has(3) ? s.in(3) : Value.ABSENT, k.size(2))
                .bias(s.has(5) ? s.in(5) : Value.ABSENT);
        Value present = ops.concat(0, List.of(ops.unsqueeze(k, 0), ops.unsqueeze(v, 0)));
        return List.of(ops.joined(scores.mix(q, k, v)), present);
    }

    /** Inputs q, k, v, their bias, padding of keys, bias of scores, caches of k and v. */
    private static List<Value> multiHead(Site s) {
        Ops ops = s.ops();
        requireEmpty(s, 6);
        requireEmpty(s, 7);
        int heads = heads(s, "num_heads");
        List<Value> qkv = new ArrayList<>();
        if (s.in(0).rank() == 5) {
            qkv.addAll(unpacked(ops, s.in(0)));
        } else if (s.in(1).rank() == 5) {
            qkv.add(s.in(0));
            qkv.addAll(unpacked(ops, s.in(1)));
        } else {
            qkv.addAll(List.of(s.in(0), s.in(1), s.in(2)));
        }
        if (s.has(3)) {
            long value = qkv.get(2).size(-1) * (qkv.get(2).rank() == 4 ? heads : 1);
            List<Value> biases = ops.parts(
                    s.in(3), qkv.get(0).size(-1), s.in(3).size(0) - qkv.get(0).size(-1) - value, value);
            qkv.replaceAll(x -> x.rank() == 3 ? ops.add(x, biases.get(qkv.indexOf(x))) : x);
        }
        List<Value> apart =
                qkv.stream().map(x -> x.rank() == 4 ? x : ops.heads(x, heads)).toList();
        ScaledScores scores = scores(s, apart.get(0))
                .causal(s.attributes().integerOr("unidirectional", 0) != 0)
                .padding(s.has(4) ? s.in(4) : Value.ABSENT, apart.get(1).size(2))
                .bias(s.has(5) ? s.in(5) : Value.ABSENT);
        Value mixed = scores.mix(apart.get(0), apart.get(1), apart.get(2));
        return List.of(ops.joined(mixed), apart.get(1), apart.get(2));
    }

    /** [batch, length, heads, n, size] as n values [batch, length, heads times size]. */
    private static List<Value> unpacked(Ops ops, Value x) {
        if (x.size(3) > 3) {
            throw new GraphRefusedException(x.size(3) + " values are packed where there are at most q, k and v");
        }
        Value inFront = ops.transpose(x, 0, 1, 3, 2, 4);
        long width = x.size(2) * x.size(4);
        long[] sizes = new long[(int) x.size(3)];
        Arrays.fill(sizes, width);
        return ops.parts(ops.reshape(inFront, x.size(0), x.size(1), x.size(3) * width), sizes);
    }

    /**
     * Inputs q (or q, k and v side by side), k, v, caches, last places of real tokens, length, tables of cosines and
     * sines, positions, bias of scores. Real tokens come first in each row, so that causality alone hides padding from
     * them.
     */
    private static List<Value> groupQuery(Site s) {
        Ops ops = s.ops();
        requireEmpty(s, 3);
        requireEmpty(s, 4);
        s.require(
                s.attributes().integerOr("smooth_softmax", 0) != 1 && !s.has(11),
                "a sink of attention is not supported");
        s.require(s.attributes().textOr("k_quant_type", "NONE").equals("NONE"), "a quantized cache is not supported");
        s.require(s.attributes().integerOr("qk_output", 0) == 0, "scores as an output are not supported");
        int heads = heads(s, "num_heads");
        int groups = heads(s, "kv_num_heads");
        List<Value> qkv = List.of(s.in(0));
        if (s.has(1)) {
            qkv = List.of(s.in(0), s.in(1), s.in(2));
        } else {
            long size = s.in(0).size(-1) / (heads + 2L * groups);
            qkv = ops.parts(s.in(0), heads * size, groups * size, groups * size);
        }
        Value q = ops.heads(qkv.get(0), heads);
        Value k = ops.heads(qkv.get(1), groups);
        Value v = ops.heads(qkv.get(2), groups);
        if (s.attributes().integerOr("do_rotary", 0) != 0) {
            Value positions = s.has(9) ? s.in(9) : ops.integers(0);
            q = RotaryLowerings.apply(s, q, positions, s.in(7), s.in(8));
            k = RotaryLowerings.apply(s, k, positions, s.in(7), s.in(8));
        }
        ScaledScores scores = scores(s, q)
                .causal(true)
                .window(s.attributes().integerOr("local_window_size", -1))
                .bias(s.has(10) ? s.in(10) : Value.ABSENT);
        return List.of(ops.joined(scores.mix(q, k, v)), k, v);
    }

    /** Inputs q, k, v, mask (added, or of truth values), caches of k and v, how many keys of each row are in use. */
    private static List<Value> standard(Site s) {
        Ops ops = s.ops();
        requireEmpty(s, 4);
        requireEmpty(s, 5);
        s.require(s.outputs() < 4, "scores as an output are not supported");
        boolean flat = s.in(0).rank() == 3;
        Value q = flat ? ops.heads(s.in(0), heads(s, "q_num_heads")) : s.in(0);
        Value k = flat ? ops.heads(s.in(1), heads(s, "kv_num_heads")) : s.in(1);
        Value v = flat ? ops.heads(s.in(2), heads(s, "kv_num_heads")) : s.in(2);
        boolean causal = s.attributes().integerOr("is_causal", 0) != 0;
        s.require(
                s.attributes().realOr("softcap", 0) == 0 || (!causal && !s.has(3) && !s.has(6)),
                "a cap on scores and a mask are not supported together: versions differ in which comes first");
        s.require(
                !causal || !s.has(6),
                "causality and a number of keys in use are not supported together: versions differ in which query is last");
        ScaledScores scores = scores(s, q).causal(causal).padding(s.has(6) ? s.in(6) : Value.ABSENT, k.size(2));
        if (s.has(3)) {
            scores = s.in(3).element() == ElementType.BOOL ? scores.keep(s.in(3)) : scores.bias(s.in(3));
        }
        Value mixed = scores.mix(q, k, v);
        return List.of(flat ? ops.joined(mixed) : mixed, k, v);
    }

    private static ScaledScores scores(Site s, Value q) {
        float scale = s.attributes().realOr("scale", 0);
        return new ScaledScores(
                s.ops(),
                q,
                scale == 0 ? 1 / Math.sqrt((double) q.size(-1)) : scale,
                s.attributes().realOr("softcap", 0));
    }

    private static int heads(Site s, String attribute) {
        return Math.toIntExact(s.attributes().integer(attribute));
    }

    private static void requireEmpty(Site s, int input) {
        s.require(!s.has(input) || s.in(input).count() == 0, "a cache that is not empty is not supported");
    }
}
