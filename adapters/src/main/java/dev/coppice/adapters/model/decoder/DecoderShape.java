package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a Llama-style decoder looks like. Weights are named as Hugging Face's Llama has them; matrices are stored
 * [in, out], as ONNX multiplies them, the embedding [vocabulary, width].
 *
 * @param labels outputs of the classification head; 0 for no head
 */
public record DecoderShape(Sizes sizes, Heads heads, Rotary rotary, Variant variant, int labels) {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    static final String FINAL_NORM = "model.norm.weight";
    static final String OUTPUT = "lm_head.weight";
    static final String HEAD = "score.weight";

    /** @throws IllegalArgumentException if there are fewer than no labels */
    public DecoderShape {
        if (labels < 0) {
            throw new IllegalArgumentException("a head has at least no labels");
        }
    }

    /**
     * A decoder of the plainest kind.
     *
     * @throws IllegalArgumentException if heads do not divide the width into even parts
     */
    public static DecoderShape plain(Sizes sizes, int heads, int labels) {
        if (heads < 1 || sizes.width() % heads != 0) {
            throw new IllegalArgumentException(heads + " heads do not divide a width of " + sizes.width());
        }
        Heads equal = new Heads(heads, heads, sizes.width() / heads);
        return new DecoderShape(sizes, equal, Rotary.usual(), Variant.usual(), labels);
    }

    /** Every weight of the model. */
    public List<TensorSpec> tensors() {
        List<TensorSpec> tensors = new ArrayList<>();
        tensors.add(tensor(EMBEDDING, sizes.vocabulary(), sizes.width()));
        tensors.add(tensor(FINAL_NORM, sizes.width()));
        if (!variant.tied()) {
            tensors.add(tensor(OUTPUT, sizes.width(), sizes.vocabulary()));
        }
        if (labels > 0) {
            tensors.add(tensor(HEAD, labels, sizes.width()));
        }
        for (int layer = 0; layer < sizes.layers(); layer++) {
            addLayer(prefix(layer), tensors);
        }
        return List.copyOf(tensors);
    }

    /** Every weight of the model as one flat vector; for models of fewer than 2^31 weights. */
    public ParameterLayout layout() {
        return ParameterLayout.of(tensors());
    }

    /** The same model without its head. */
    public DecoderShape withoutHead() {
        return new DecoderShape(sizes, heads, rotary, variant, 0);
    }

    static String prefix(int layer) {
        return "model.layers." + layer + ".";
    }

    private void addLayer(String at, List<TensorSpec> to) {
        Variant.Biases biases = variant.biases();
        int width = sizes.width();
        int inner = sizes.feedForward();
        String attention = at + "self_attn.";
        String feedForward = at + "mlp.";
        to.add(tensor(at + "input_layernorm.weight", width));
        to.add(tensor(at + "post_attention_layernorm.weight", width));
        if (variant.fused()) {
            int fused = heads.queryWidth() + 2 * heads.keyWidth();
            addLinear(attention + "qkv_proj", width, fused, biases.queryKeyValue, to);
            addLinear(feedForward + "gate_up_proj", width, 2 * inner, biases.feedForward, to);
        } else {
            addLinear(attention + "q_proj", width, heads.queryWidth(), biases.queryKeyValue, to);
            addLinear(attention + "k_proj", width, heads.keyWidth(), biases.queryKeyValue, to);
            addLinear(attention + "v_proj", width, heads.keyWidth(), biases.queryKeyValue, to);
            addLinear(feedForward + "gate_proj", width, inner, biases.feedForward, to);
            addLinear(feedForward + "up_proj", width, inner, biases.feedForward, to);
        }
        addLinear(attention + "o_proj", heads.queryWidth(), width, biases.output, to);
        addLinear(feedForward + "down_proj", inner, width, biases.feedForward, to);
    }

    private static void addLinear(String module, int in, int out, boolean biased, List<TensorSpec> to) {
        to.add(tensor(module + ".weight", in, out));
        if (biased) {
            to.add(tensor(module + ".bias", out));
        }
    }

    private static TensorSpec tensor(String name, int... shape) {
        return new TensorSpec(name, Arrays.stream(shape).boxed().toList());
    }
}
