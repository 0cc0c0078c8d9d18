package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Tensor;

/**
 * The parts of attention that have no weights: heads, rotary positions, the cache of keys and values, and who may look
 * at whom.
 */
final class Attention {
    private static final double FORBIDDEN = -1e9;

    private final ModelBuilder b;
    private final DecoderShape shape;
    private final Heads heads;
    private final String positions;
    private final String bias;
    private final String cosines;
    private final String sines;

    Attention(ModelBuilder b, DecoderShape shape, Span span) {
        this.b = b;
        this.shape = shape;
        this.heads = shape.heads();
        this.positions = positions(span);
        this.bias = bias(span);
        int half = heads.width() / 2;
        this.cosines = b.constant(Tensor.ofFloats(angles(true), shape.sizes().lengthMax(), half));
        this.sines = b.constant(Tensor.ofFloats(angles(false), shape.sizes().lengthMax(), half));
    }

    /** What one layer's attention adds before its output product: [batch, length, heads * width]. */
    String mixed(String q, String k, String v, KeyValueCache cache) {
        String keys = cache.grown("key", rotated(split(k, heads.keys())));
        String values = cache.grown("value", split(v, heads.keys()));
        String scaled = b.node("Mul", rotated(split(q, heads.queries())), b.real(1 / Math.sqrt(heads.width())));
        String turned = b.node("Transpose", Attributes.none().integers("perm", 0, 1, 3, 2), keys);
        String scores = regrouped(b.node("MatMul", regrouped(scaled, heads.keys()), turned), heads.queries());
        String weights = b.node("Softmax", Attributes.none().integer("axis", -1), b.node("Add", scores, bias));
        String seen = regrouped(b.node("MatMul", regrouped(weights, heads.keys()), values), heads.queries());
        String joined = b.node("Transpose", Attributes.none().integers("perm", 0, 2, 1, 3), seen);
        return b.node("Reshape", joined, b.integers(0, 0, heads.queryWidth()));
    }

    /** [batch, length, count * width] to [batch, count, length, width]. */
    private String split(String x, int count) {
        String parted = b.node("Reshape", x, b.integers(0, 0, count, heads.width()));
        return b.node("Transpose", Attributes.none().integers("perm", 0, 2, 1, 3), parted);
    }

    private String rotated(String x) {
        return b.nodeOf(Node.MICROSOFT, "RotaryEmbedding", Attributes.none(), x, positions, cosines, sines);
    }

    /** [batch, heads, rows, n] with the rows of a group's heads put together or taken apart; nothing is copied. */
    private String regrouped(String x, int count) {
        return heads.grouped() ? b.node("Reshape", x, b.integers(0, count, -1, 0)) : x;
    }

    /**
     * Positions of the new tokens, [batch, length]: real tokens in the past, and then on by one. So rows padded on the
     * right go on where their text ended.
     */
    private String positions(Span span) {
        Attributes keep = Attributes.none().integer("keepdims", 1);
        String real = b.node("ReduceSum", keep, span.pastMask(), b.integers(1));
        String counted = b.node("Add", real, span.range(b.integers(0), span.length()));
        return b.node(
                "Min",
                counted,
                b.constant(Tensor.scalar(ElementType.INT64, shape.sizes().lengthMax() - 1)));
    }

    /** 0 where a token may look (at itself and at earlier real tokens), else a large negative number. */
    private String bias(Span span) {
        String keys = span.range(b.integers(0), span.total());
        String queries = b.node("Unsqueeze", span.range(span.past(), span.total()), b.integers(1));
        String allowed = b.node("LessOrEqual", keys, queries);
        int window = shape.variant().window();
        if (window > 0) {
            allowed = b.node("And", allowed, b.node("Greater", keys, b.node("Sub", queries, b.integers(window))));
        }
        String one = b.constant(Tensor.scalar(ElementType.INT64, 1));
        String real = b.node("Equal", b.node("Unsqueeze", span.mask(), b.integers(1, 2)), one);
        return b.node("Where", b.node("And", allowed, real), b.real(0), b.real(FORBIDDEN));
    }

    private float[] angles(boolean cosine) {
        int half = heads.width() / 2;
        float[] table = new float[Math.multiplyExact(shape.sizes().lengthMax(), half)];
        for (int i = 0; i < table.length; i++) {
            int position = i / half;
            double angle = position / shape.rotary().wave(i % half, heads.width());
            table[i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
        }
        return table;
    }
}
