package dev.coppice.adapters;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.testkit.SeededBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** A small Llama-like decoder with a classification head and random weights. Batch and length are free. */
public final class TinyDecoder {
    public static final List<String> LABELS = List.of("no", "yes", "perhaps");

    private static final int LENGTH_MAX = 128;

    private final int vocabulary;
    private final int width;
    private final int heads;
    private final int layers;
    private final boolean fused;
    private final ModelBuilder b = new ModelBuilder("tiny");
    private long seed = 1;

    private TinyDecoder(int vocabulary, int width, int heads, int layers, boolean fused) {
        this.vocabulary = vocabulary;
        this.width = width;
        this.heads = heads;
        this.layers = layers;
        this.fused = fused;
    }

    /** Small enough for finite differences; only operators that also work on float64. */
    public static ModelBuilder smallest() {
        return new TinyDecoder(13, 8, 2, 1, false).build();
    }

    /** The size that speed is reported for. */
    public static ModelBuilder standard() {
        return new TinyDecoder(512, 64, 4, 2, true).build();
    }

    private ModelBuilder build() {
        String ids = b.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String mask = b.input("attention_mask", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String length = b.node("Gather", Attributes.none().integer("axis", 0), b.node("Shape", ids), b.integers(1));
        String bias = attentionBias(mask, length);
        String embedding = weight("model.embed_tokens.weight", 0.5, vocabulary, width);
        String x = b.node("Gather", embedding, ids);
        for (int layer = 0; layer < layers; layer++) {
            String at = "model.layers." + layer + ".";
            x = b.node("Add", x, attention(at + "self_attn.", norm(at + "input_layernorm", x), bias, length));
            x = b.node("Add", x, feedForward(at + "mlp.", norm(at + "post_attention_layernorm", x)));
        }
        x = norm("model.norm", x);
        String transposed = b.node("Transpose", Attributes.none().integers("perm", 1, 0), embedding);
        b.output(
                b.node("MatMul", x, transposed),
                "logits",
                ElementType.FLOAT,
                Dim.free("batch"),
                Dim.free("length"),
                Dim.fixed(vocabulary));
        pool(x, mask);
        return b;
    }

    private void pool(String x, String mask) {
        String real = b.node("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), mask);
        String counted = b.node("Unsqueeze", real, b.integers(2));
        Attributes drop = Attributes.none().integer("keepdims", 0);
        String sum = b.node("ReduceSum", drop, b.node("Mul", x, counted), b.integers(1));
        String pooled = b.node("Div", sum, b.node("ReduceSum", drop, counted, b.integers(1)));
        b.output(pooled, "pooled", ElementType.FLOAT, Dim.free("batch"), Dim.fixed(width));
        String head = weight("score.weight", 0.3, LABELS.size(), width);
        String logits = b.node("Gemm", Attributes.none().integer("transB", 1), pooled, head);
        b.output(logits, "label_logits", ElementType.FLOAT, Dim.free("batch"), Dim.fixed(LABELS.size()));
    }

    /** 0 where a token may look, -1e9 where it may not: [batch, 1, length, length]. */
    private String attentionBias(String mask, String length) {
        String positions = b.node(
                "Range",
                b.constant(Tensor.scalar(ElementType.INT64, 0)),
                b.node("Squeeze", length, b.integers(0)),
                b.constant(Tensor.scalar(ElementType.INT64, 1)));
        String causal = b.node("LessOrEqual", positions, b.node("Unsqueeze", positions, b.integers(1)));
        String real = b.node(
                "Equal", b.node("Unsqueeze", mask, b.integers(1, 2)), b.constant(Tensor.scalar(ElementType.INT64, 1)));
        return b.node("Where", b.node("And", causal, real), b.real(0), b.real(-1e9));
    }

    private String attention(String at, String x, String bias, String length) {
        String q = rotated(split(linear(at + "q_proj", x, width, width)), length);
        String k = rotated(split(linear(at + "k_proj", x, width, width)), length);
        String v = split(linear(at + "v_proj", x, width, width));
        String turned = b.node("Transpose", Attributes.none().integers("perm", 0, 1, 3, 2), k);
        String scores = b.node("Mul", b.node("MatMul", q, turned), b.real(1 / Math.sqrt((double) width / heads)));
        String weights = b.node("Softmax", Attributes.none().integer("axis", -1), b.node("Add", scores, bias));
        String mixed =
                b.node("Transpose", Attributes.none().integers("perm", 0, 2, 1, 3), b.node("MatMul", weights, v));
        return linear(at + "o_proj", b.node("Reshape", mixed, b.integers(0, 0, width)), width, width);
    }

    private String split(String x) {
        String parted = b.node("Reshape", x, b.integers(0, 0, heads, width / heads));
        return b.node("Transpose", Attributes.none().integers("perm", 0, 2, 1, 3), parted);
    }

    private String rotated(String x, String length) {
        int half = width / heads / 2;
        if (fused) {
            return b.nodeOf(
                    Node.MICROSOFT,
                    "RotaryEmbedding",
                    Attributes.none(),
                    x,
                    b.integers(0),
                    b.constant(Tensor.ofFloats(angles(true), LENGTH_MAX, half)),
                    b.constant(Tensor.ofFloats(angles(false), LENGTH_MAX, half)));
        }
        String cos = table(true, length, half);
        String sin = table(false, length, half);
        String first = b.node("Slice", x, b.integers(0), b.integers(half), b.integers(-1));
        String second = b.node("Slice", x, b.integers(half), b.integers(Long.MAX_VALUE), b.integers(-1));
        return b.node(
                "Concat",
                Attributes.none().integer("axis", -1),
                b.node("Sub", b.node("Mul", first, cos), b.node("Mul", second, sin)),
                b.node("Add", b.node("Mul", second, cos), b.node("Mul", first, sin)));
    }

    private String table(boolean cosine, String length, int half) {
        String whole = b.constant(Tensor.ofFloats(angles(cosine), LENGTH_MAX, half));
        return b.node("Slice", whole, b.integers(0), length, b.integers(0));
    }

    private float[] angles(boolean cosine) {
        int half = width / heads / 2;
        float[] table = new float[LENGTH_MAX * half];
        for (int i = 0; i < table.length; i++) {
            double angle = Math.floorDiv(i, half) / Math.pow(10_000, (double) (i % half) / half);
            table[i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
        }
        return table;
    }

    private String feedForward(String at, String x) {
        String gate = linear(at + "gate_proj", x, width, 3 * width);
        String silu = b.node("Mul", gate, b.node("Sigmoid", gate));
        String up = linear(at + "up_proj", x, width, 3 * width);
        return linear(at + "down_proj", b.node("Mul", silu, up), 3 * width, width);
    }

    private String linear(String name, String x, int in, int out) {
        return b.node("MatMul", x, weight(name + ".weight", 1 / Math.sqrt(in), in, out));
    }

    private String norm(String name, String x) {
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        if (!fused) {
            Attributes last = Attributes.none().integers("axes", -1);
            String square = b.node("Add", b.node("ReduceMean", last, b.node("Mul", x, x)), b.real(1e-5));
            String unit = b.node("Mul", x, b.node("Reciprocal", b.node("Sqrt", square)));
            return b.node("Mul", unit, b.weight(name + ".weight", ones, width));
        }
        Attributes attributes = Attributes.none().integer("axis", -1).real("epsilon", 1e-5f);
        return b.node("SimplifiedLayerNormalization", attributes, x, b.weight(name + ".weight", ones, width));
    }

    private String weight(String name, double size, int rows, int columns) {
        return b.weight(name, uniform(seed++, size, rows * columns), rows, columns);
    }

    /** Numbers in (-1.7 size, 1.7 size) with standard deviation {@code size}. */
    public static float[] uniform(long seed, double size, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count * Integer.BYTES);
        new SeededBytes(seed).fill(bytes.array());
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (Math.sqrt(3) * size * bytes.getInt() / Integer.MIN_VALUE);
        }
        return values;
    }
}
