package dev.coppice.adapters.model.decoder;

/**
 * What members of the Llama family do differently.
 *
 * @param normEpsilon added to the mean square in RMSNorm
 * @param tied whether the output layer is the embedding; else there is a weight {@code lm_head}
 * @param fused whether queries, keys and values are one product ({@code qkv_proj}), gate and up another ({@code
 *     gate_up_proj}), as in Phi-3
 * @param window a token sees itself and the {@code window - 1} tokens before it; 0 for all of them
 */
public record Variant(float normEpsilon, boolean tied, boolean fused, int window, Biases biases) {
    private static final Variant USUAL = new Variant(1e-5f, true, false, 0, Biases.NONE);

    /** Which products have a bias. */
    public enum Biases {
        NONE(false, false, false),
        /** Queries, keys and values, as in Qwen 2. */
        QUERY_KEY_VALUE(true, false, false),
        ATTENTION(true, true, false),
        FEED_FORWARD(false, false, true),
        ALL(true, true, true);

        final boolean queryKeyValue;
        final boolean output;
        final boolean feedForward;

        Biases(boolean queryKeyValue, boolean output, boolean feedForward) {
            this.queryKeyValue = queryKeyValue;
            this.output = output;
            this.feedForward = feedForward;
        }
    }

    /** @throws IllegalArgumentException if a number is out of range */
    public Variant {
        if (!(normEpsilon >= 0 && normEpsilon < 1) || window < 0) {
            throw new IllegalArgumentException("no decoder has epsilon " + normEpsilon + " and window " + window);
        }
    }

    /** Tied embeddings, epsilon 1e-5, no biases, all tokens seen. */
    public static Variant usual() {
        return USUAL;
    }
}
