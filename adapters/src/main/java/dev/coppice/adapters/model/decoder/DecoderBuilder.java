package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes a Llama-style decoder to ONNX (opset 17): RMSNorm before each part, rotary positions, grouped-query attention,
 * SwiGLU (Shazeer 2020). One graph trains and generates.
 *
 * <p>Inputs {@code input_ids} [batch, length], {@code attention_mask} [batch, past + length] (int64; rows are padded on
 * the right) and the cache, see {@link KeyValueCache}. Outputs {@code logits} [batch, length, vocabulary], {@code pooled}
 * [batch, width] (mean over the new real tokens), with a head {@code label_logits} [batch, labels], and the grown cache.
 * Batch, length and past are free.
 */
public final class DecoderBuilder {
    static final Dim BATCH = Dim.free("batch");
    private static final Dim LENGTH = Dim.free("length");

    private final DecoderShape shape;
    private final WeightSource source;
    private final Map<String, TensorSpec> tensors;
    private final ModelBuilder b = new ModelBuilder("decoder");
    private final String ids = b.input("input_ids", ElementType.INT64, BATCH, LENGTH);
    private final String mask = b.input("attention_mask", ElementType.INT64, BATCH, Dim.free("total"));

    private DecoderBuilder(DecoderShape shape, WeightSource source) {
        this.shape = shape;
        this.source = source;
        this.tensors = shape.tensors().stream().collect(Collectors.toMap(TensorSpec::name, Function.identity()));
    }

    /** The model with these weights; each of them is asked for once. */
    public static ModelBuilder build(DecoderShape shape, WeightSource source) {
        return new DecoderBuilder(shape, source).build();
    }

    private ModelBuilder build() {
        List<KeyValueCache> caches = new ArrayList<>();
        for (int layer = 0; layer < shape.sizes().layers(); layer++) {
            caches.add(new KeyValueCache(b, layer, shape.heads()));
        }
        Span span = new Span(b, ids, mask);
        Attention attention = new Attention(b, shape, span);
        String embedding = weight(DecoderShape.EMBEDDING);
        String x = b.node("Gather", embedding, ids);
        for (int layer = 0; layer < caches.size(); layer++) {
            String at = DecoderShape.prefix(layer);
            String seen = norm(at + "input_layernorm.weight", x);
            x = b.node("Add", x, attend(attention, caches.get(layer), at + "self_attn.", seen));
            x = b.node("Add", x, feedForward(at + "mlp.", norm(at + "post_attention_layernorm.weight", x)));
        }
        x = norm(DecoderShape.FINAL_NORM, x);
        String output = shape.variant().tied()
                ? b.node("Transpose", Attributes.none().integers("perm", 1, 0), embedding)
                : weight(DecoderShape.OUTPUT);
        Dim vocabulary = Dim.fixed(shape.sizes().vocabulary());
        b.output(b.node("MatMul", x, output), "logits", ElementType.FLOAT, BATCH, LENGTH, vocabulary);
        pool(x, span);
        return b;
    }

    private String attend(Attention attention, KeyValueCache cache, String at, String x) {
        int keys = shape.heads().keyWidth();
        List<String> parts = shape.variant().fused()
                ? parts(linear(at + "qkv_proj", x), shape.heads().queryWidth(), keys, keys)
                : List.of(linear(at + "q_proj", x), linear(at + "k_proj", x), linear(at + "v_proj", x));
        return linear(at + "o_proj", attention.mixed(parts.get(0), parts.get(1), parts.get(2), cache));
    }

    private String feedForward(String at, String x) {
        int inner = shape.sizes().feedForward();
        List<String> parts = shape.variant().fused()
                ? parts(linear(at + "gate_up_proj", x), inner, inner)
                : List.of(linear(at + "gate_proj", x), linear(at + "up_proj", x));
        String gate = parts.get(0);
        String open = b.node("Mul", gate, b.node("Sigmoid", gate));
        return linear(at + "down_proj", b.node("Mul", open, parts.get(1)));
    }

    private void pool(String x, Span span) {
        String real = b.node("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), span.newMask());
        String counted = b.node("Unsqueeze", real, b.integers(2));
        Attributes drop = Attributes.none().integer("keepdims", 0);
        String sum = b.node("ReduceSum", drop, b.node("Mul", x, counted), b.integers(1));
        String pooled = b.node("Div", sum, b.node("ReduceSum", drop, counted, b.integers(1)));
        b.output(
                pooled,
                "pooled",
                ElementType.FLOAT,
                BATCH,
                Dim.fixed(shape.sizes().width()));
        if (shape.labels() > 0) {
            Attributes turned = Attributes.none().integer("transB", 1);
            String logits = b.node("Gemm", turned, pooled, weight(DecoderShape.HEAD));
            b.output(logits, "label_logits", ElementType.FLOAT, BATCH, Dim.fixed(shape.labels()));
        }
    }

    private String linear(String module, String x) {
        String product = b.node("MatMul", x, weight(module + ".weight"));
        String bias = module + ".bias";
        return tensors.containsKey(bias) ? b.node("Add", product, weight(bias)) : product;
    }

    private List<String> parts(String x, long... widths) {
        Attributes last = Attributes.none().integer("axis", -1);
        return b.nodes("", "Split", last, widths.length, x, b.integers(widths));
    }

    private String norm(String name, String x) {
        Attributes attributes = Attributes.none()
                .integer("axis", -1)
                .real("epsilon", shape.variant().normEpsilon());
        return b.node("SimplifiedLayerNormalization", attributes, x, weight(name));
    }

    private String weight(String name) {
        source.addTo(b, Objects.requireNonNull(tensors.get(name)));
        return name;
    }
}
