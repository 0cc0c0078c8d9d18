package dev.coppice.adapters.model.pico;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Tensor;

/** The parts of attention that have no weights: heads, rotary positions, and who may look at whom. */
final class Attention {
    private static final double ROTARY_BASE = 10_000;
    private static final double FORBIDDEN = -1e9;

    private final ModelBuilder b;
    private final PicoShape shape;
    private final String bias;
    private final String cosines;
    private final String sines;

    Attention(ModelBuilder b, PicoShape shape, String mask, String ids) {
        this.b = b;
        this.shape = shape;
        String length = b.node("Gather", Attributes.none().integer("axis", 0), b.node("Shape", ids), b.integers(1));
        this.bias = bias(mask, length);
        int half = shape.headWidth() / 2;
        this.cosines = b.constant(Tensor.ofFloats(angles(true), shape.lengthMax(), half));
        this.sines = b.constant(Tensor.ofFloats(angles(false), shape.lengthMax(), half));
    }

    /** [batch, length, width] to [batch, heads, length, width / heads]. */
    String split(String x) {
        String parted = b.node("Reshape", x, b.integers(0, 0, shape.heads(), shape.headWidth()));
        return b.node("Transpose", Attributes.none().integers("perm", 0, 2, 1, 3), parted);
    }

    String rotated(String x) {
        return b.nodeOf(Node.MICROSOFT, "RotaryEmbedding", Attributes.none(), x, b.integers(0), cosines, sines);
    }

    /** Softmax(q k^T / sqrt(width / heads) + bias) v, heads joined again: [batch, length, width]. */
    String mixed(String q, String k, String v) {
        String turned = b.node("Transpose", Attributes.none().integers("perm", 0, 1, 3, 2), k);
        String scores = b.node("Mul", b.node("MatMul", q, turned), b.real(1 / Math.sqrt(shape.headWidth())));
        String weights = b.node("Softmax", Attributes.none().integer("axis", -1), b.node("Add", scores, bias));
        String seen = b.node("Transpose", Attributes.none().integers("perm", 0, 2, 1, 3), b.node("MatMul", weights, v));
        return b.node("Reshape", seen, b.integers(0, 0, shape.width()));
    }

    /** 0 where a token may look (at itself and at earlier real tokens), else a large negative number. */
    private String bias(String mask, String length) {
        String positions = b.node(
                "Range", PicoBuilder.number(b, 0), b.node("Squeeze", length, b.integers(0)), PicoBuilder.number(b, 1));
        String causal = b.node("LessOrEqual", positions, b.node("Unsqueeze", positions, b.integers(1)));
        String real = b.node("Equal", b.node("Unsqueeze", mask, b.integers(1, 2)), PicoBuilder.number(b, 1));
        return b.node("Where", b.node("And", causal, real), b.real(0), b.real(FORBIDDEN));
    }

    private float[] angles(boolean cosine) {
        int half = shape.headWidth() / 2;
        float[] table = new float[shape.lengthMax() * half];
        for (int i = 0; i < table.length; i++) {
            int position = i / half;
            int pair = i % half;
            double angle = position / Math.pow(ROTARY_BASE, (double) pair / half);
            table[i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
        }
        return table;
    }
}
