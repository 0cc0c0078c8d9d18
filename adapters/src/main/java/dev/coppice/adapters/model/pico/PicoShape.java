package dev.coppice.adapters.model.pico;

import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Sizes of a small Phi-style decoder. Weights are named as Hugging Face's Llama has them; matrices are stored
 * [in, out], as ONNX multiplies them.
 *
 * @param vocabulary token ids are below this
 * @param width values of a token's hidden state, a multiple of twice the heads
 * @param heads attention heads of each layer
 * @param layers decoder layers
 * @param feedForward width inside the feed-forward part
 * @param labels outputs of the head; 0 for no head
 * @param lengthMax the longest text, in tokens
 */
public record PicoShape(int vocabulary, int width, int heads, int layers, int feedForward, int labels, int lengthMax) {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String FINAL_NORM = "model.norm.weight";
    static final String HEAD = "score.weight";

    /** @throws IllegalArgumentException if a size is not positive or heads do not divide the width */
    public PicoShape {
        boolean positive = vocabulary > 0 && width > 0 && heads > 0 && layers > 0 && feedForward > 0 && lengthMax > 1;
        if (!positive || labels < 0 || width % (2 * heads) != 0) {
            throw new IllegalArgumentException("no decoder has such sizes");
        }
    }

    /** Every weight of the model. */
    public ParameterLayout layout() {
        List<TensorSpec> tensors = new ArrayList<>();
        tensors.add(tensor(EMBEDDING, vocabulary, width));
        tensors.add(tensor(FINAL_NORM, width));
        if (labels > 0) {
            tensors.add(tensor(HEAD, labels, width));
        }
        for (int layer = 0; layer < layers; layer++) {
            tensors.addAll(layer(prefix(layer)));
        }
        return ParameterLayout.of(tensors);
    }

    /** The same model without its head. */
    public PicoShape withoutHead() {
        return new PicoShape(vocabulary, width, heads, layers, feedForward, 0, lengthMax);
    }

    int headWidth() {
        return width / heads;
    }

    static String prefix(int layer) {
        return "model.layers." + layer + ".";
    }

    private List<TensorSpec> layer(String at) {
        return List.of(
                tensor(at + "input_layernorm.weight", width),
                tensor(at + "self_attn.q_proj.weight", width, width),
                tensor(at + "self_attn.k_proj.weight", width, width),
                tensor(at + "self_attn.v_proj.weight", width, width),
                tensor(at + "self_attn.o_proj.weight", width, width),
                tensor(at + "post_attention_layernorm.weight", width),
                tensor(at + "mlp.gate_proj.weight", width, feedForward),
                tensor(at + "mlp.up_proj.weight", width, feedForward),
                tensor(at + "mlp.down_proj.weight", feedForward, width));
    }

    private static TensorSpec tensor(String name, int... shape) {
        List<Integer> sizes = new ArrayList<>();
        for (int size : shape) {
            sizes.add(size);
        }
        return new TensorSpec(name, sizes);
    }
}
