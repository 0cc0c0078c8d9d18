package dev.coppice.adapters.model.huggingface;

import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.Heads;
import dev.coppice.adapters.model.decoder.Rotary;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.Variant;
import java.util.Set;

/**
 * What config.json says of a Llama-style model, as a shape. Members and their defaults: the configuration classes of
 * Llama, Mistral, Qwen 2 and Phi 3 in Hugging Face's transformers.
 */
final class LlamaConfig {
    private static final int HEAD_WIDTH_MAX = 1_024;
    private static final int LAYERS_MAX = 1_000;
    private static final Set<String> KINDS = Set.of("llama", "mistral", "qwen2", "phi3");

    private final ConfigJson config;
    private final String kind;
    private final int lengthMax;

    private LlamaConfig(ConfigJson config, int lengthMax) throws ModelRefusedException {
        this.config = config;
        this.kind = config.textOr("model_type", "");
        config.require(
                KINDS.contains(kind),
                "is of a model of type '" + kind + "'; types that can be imported are llama,"
                        + " mistral, qwen2 and phi3");
        this.lengthMax = Math.min(lengthMax, config.sizeOr("max_position_embeddings", 2_048));
    }

    /**
     * The model's shape.
     *
     * @param lengthMax what the model's own longest text is cut to, in tokens
     * @throws ModelRefusedException if a member is missing, out of range, or means something that is not supported
     */
    static DecoderShape shape(ConfigJson config, int lengthMax) throws ModelRefusedException {
        try {
            return new LlamaConfig(config, lengthMax).shape();
        } catch (IllegalArgumentException e) {
            throw new ModelRefusedException("config.json describes no decoder: " + e.getMessage(), e);
        }
    }

    private DecoderShape shape() throws ModelRefusedException {
        String activation = config.textOr("hidden_act", "silu");
        config.require(activation.equals("silu"), "has the activation " + activation + ", not silu");
        config.require(!config.has("quantization_config"), "is of a quantized model; import the unquantized one");
        config.require(
                config.realOr("partial_rotary_factor", 1) == 1,
                "turns a part of each head only, which is not" + " supported (partial_rotary_factor)");
        Sizes sizes = new Sizes(
                config.size("vocab_size"),
                config.size("hidden_size"),
                config.size("num_hidden_layers"),
                config.size("intermediate_size"),
                lengthMax);
        config.require(sizes.layers() <= LAYERS_MAX, "has more than " + LAYERS_MAX + " layers");
        return new DecoderShape(sizes, heads(sizes), rotary(), variant(), 0);
    }

    private Heads heads(Sizes sizes) throws ModelRefusedException {
        int queries = config.size("num_attention_heads");
        int width = config.sizeOr("head_dim", Math.max(1, sizes.width() / queries));
        config.require(width <= HEAD_WIDTH_MAX, "has heads wider than " + HEAD_WIDTH_MAX);
        return new Heads(queries, config.sizeOr("num_key_value_heads", queries), width);
    }

    /** Newer files keep everything in rope_parameters, older ones the base beside a rope_scaling. */
    private Rotary rotary() throws ModelRefusedException {
        ConfigJson rope = config.object(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
        double base = rope.realOr("rope_theta", config.realOr("rope_theta", 10_000));
        String type = rope.textOr("rope_type", rope.textOr("type", "default"));
        return switch (type) {
            case "default" -> new Rotary(base, new Rotary.Stretch.None());
            case "linear" -> new Rotary(base, new Rotary.Stretch.Linear(rope.real("factor")));
            case "llama3" ->
                new Rotary(
                        base,
                        new Rotary.Stretch.Llama3(
                                rope.real("factor"),
                                rope.real("low_freq_factor"),
                                rope.real("high_freq_factor"),
                                rope.real("original_max_position_embeddings")));
            default ->
                throw new ModelRefusedException("config.json scales rotary positions by '" + type
                        + "'; default, linear and llama3 are supported");
        };
    }

    private Variant variant() throws ModelRefusedException {
        return new Variant(
                (float) config.realOr("rms_norm_eps", 1e-6),
                config.isTrue("tie_word_embeddings"),
                kind.equals("phi3"),
                window(),
                biases());
    }

    private Variant.Biases biases() throws ModelRefusedException {
        if (kind.equals("qwen2")) {
            return Variant.Biases.QUERY_KEY_VALUE;
        }
        boolean attention = config.isTrue("attention_bias");
        boolean feedForward = config.isTrue("mlp_bias");
        config.require(
                kind.equals("llama") || !(attention || feedForward), "asks for biases, which " + kind + " has not");
        return attention
                ? (feedForward ? Variant.Biases.ALL : Variant.Biases.ATTENTION)
                : (feedForward ? Variant.Biases.FEED_FORWARD : Variant.Biases.NONE);
    }

    /** Only Mistral and Phi 3 have a window without being asked; one as long as the longest text hides nothing. */
    private int window() throws ModelRefusedException {
        boolean used = kind.equals("qwen2") ? config.isTrue("use_sliding_window") : !kind.equals("llama");
        if (!used || !config.has("sliding_window") || config.size("sliding_window") >= lengthMax) {
            return 0;
        }
        Set<String> layers = Set.copyOf(config.texts("layer_types"));
        if (layers.equals(Set.of("full_attention"))) {
            return 0;
        }
        boolean all = layers.isEmpty() ? !kind.equals("qwen2") : layers.equals(Set.of("sliding_attention"));
        config.require(
                all,
                "has a sliding window in some layers only, which is not supported for texts longer than the"
                        + " window; import with a shorter length");
        return config.size("sliding_window");
    }
}
