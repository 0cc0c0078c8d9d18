package dev.coppice.adapters.model.pico;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Tensor;

/**
 * Writes a Phi-style decoder to ONNX (opset 17): RMSNorm before each part, rotary positions (Su et al. 2021), SwiGLU
 * (Shazeer 2020), embeddings tied to the output. Inputs {@code input_ids} and {@code attention_mask} [batch, length]
 * (int64, padded on the right); outputs {@code logits} [batch, length, vocabulary], {@code pooled} [batch, width] (mean
 * over real tokens) and, with a head, {@code label_logits} [batch, labels]. Batch and length are free.
 */
public final class PicoBuilder {
    private static final float EPSILON = 1e-5f;
    private static final Dim BATCH = Dim.free("batch");
    private static final Dim LENGTH = Dim.free("length");

    private final PicoShape shape;
    private final AdapterWeights weights;
    private final ModelBuilder b = new ModelBuilder("pico");
    private final String ids = b.input("input_ids", ElementType.INT64, BATCH, LENGTH);
    private final String mask = b.input("attention_mask", ElementType.INT64, BATCH, LENGTH);

    private PicoBuilder(PicoShape shape, AdapterWeights weights) {
        this.shape = shape;
        this.weights = weights;
    }

    /**
     * The model with these weights.
     *
     * @throws IllegalArgumentException if the weights are not of this shape
     */
    public static ModelBuilder build(PicoShape shape, AdapterWeights weights) {
        if (!weights.layout().equals(shape.layout())) {
            throw new IllegalArgumentException("the weights are not of this shape");
        }
        return new PicoBuilder(shape, weights).build();
    }

    private ModelBuilder build() {
        Attention attention = new Attention(b, shape, mask, ids);
        String embedding = weight(PicoShape.EMBEDDING);
        String x = b.node("Gather", embedding, ids);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String at = PicoShape.prefix(layer);
            String seen = norm(at + "input_layernorm.weight", x);
            x = b.node("Add", x, attend(attention, at + "self_attn.", seen));
            x = b.node("Add", x, feedForward(at + "mlp.", norm(at + "post_attention_layernorm.weight", x)));
        }
        x = norm(PicoShape.FINAL_NORM, x);
        String turned = b.node("Transpose", Attributes.none().integers("perm", 1, 0), embedding);
        b.output(
                b.node("MatMul", x, turned), "logits", ElementType.FLOAT, BATCH, LENGTH, Dim.fixed(shape.vocabulary()));
        pool(x);
        return b;
    }

    private String attend(Attention attention, String at, String x) {
        String q = attention.rotated(attention.split(linear(at + "q_proj", x)));
        String k = attention.rotated(attention.split(linear(at + "k_proj", x)));
        String v = attention.split(linear(at + "v_proj", x));
        return linear(at + "o_proj", attention.mixed(q, k, v));
    }

    private String feedForward(String at, String x) {
        String gate = linear(at + "gate_proj", x);
        String open = b.node("Mul", gate, b.node("Sigmoid", gate));
        return linear(at + "down_proj", b.node("Mul", open, linear(at + "up_proj", x)));
    }

    private void pool(String x) {
        String real = b.node("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), mask);
        String counted = b.node("Unsqueeze", real, b.integers(2));
        Attributes drop = Attributes.none().integer("keepdims", 0);
        String sum = b.node("ReduceSum", drop, b.node("Mul", x, counted), b.integers(1));
        String pooled = b.node("Div", sum, b.node("ReduceSum", drop, counted, b.integers(1)));
        b.output(pooled, "pooled", ElementType.FLOAT, BATCH, Dim.fixed(shape.width()));
        if (shape.labels() > 0) {
            String logits = b.node("Gemm", Attributes.none().integer("transB", 1), pooled, weight(PicoShape.HEAD));
            b.output(logits, "label_logits", ElementType.FLOAT, BATCH, Dim.fixed(shape.labels()));
        }
    }

    private String linear(String module, String x) {
        return b.node("MatMul", x, weight(module + ".weight"));
    }

    private String norm(String name, String x) {
        Attributes attributes = Attributes.none().integer("axis", -1).real("epsilon", EPSILON);
        return b.node("SimplifiedLayerNormalization", attributes, x, weight(name));
    }

    private String weight(String name) {
        TensorSpec tensor = shape.layout().tensors().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow();
        long[] sizes = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
        return b.weight(name, weights.tensor(tensor), sizes);
    }

    /** One number as a whole-number tensor without axes. */
    static String number(ModelBuilder b, int value) {
        return b.constant(Tensor.scalar(ElementType.INT64, value));
    }
}
