package dev.coppice.simulator.pretraining;

/**
 * How a base model is made. The defaults made the shipped {@code pico}.
 *
 * @param name of the model
 * @param seed draws the first weights and the order of batches
 * @param vocabularySize tokens of the tokenizer, 257 to 65,536; fewer if the texts hold fewer
 * @param width values of a token's hidden state
 * @param heads attention heads
 * @param layers decoder layers
 * @param lengthMax the longest text that the model takes, in tokens
 * @param batch texts in a step
 * @param length tokens that texts are cut to in training
 * @param steps AdamW steps
 * @param learningRate the highest, after a short warm-up; falls to a twentieth along a half cosine
 */
public record PretrainingSettings(
        String name,
        long seed,
        int vocabularySize,
        int width,
        int heads,
        int layers,
        int lengthMax,
        int batch,
        int length,
        int steps,
        double learningRate) {
    private static final int FEED_FORWARD_PER_WIDTH = 3;

    /** @throws IllegalArgumentException if a value is out of range */
    public PretrainingSettings {
        require(vocabularySize >= 257 && vocabularySize <= 65_536, "a vocabulary has 257 to 65536 tokens");
        require(steps >= 1 && steps <= 10_000_000, "there are 1 to 10000000 steps");
        require(length >= 2 && length <= lengthMax && lengthMax <= 8_192, "lengths are 2 to 8192 tokens");
        require(batch >= 1 && batch <= 1_024, "a batch has 1 to 1024 texts");
        require(learningRate > 0 && learningRate <= 1, "a learning rate is above 0 and at most 1");
    }

    public static PretrainingSettings pico(long seed) {
        return new PretrainingSettings("pico", seed, 768, 64, 4, 2, 64, 32, 16, 1_500, 4e-3);
    }

    int feedForward() {
        return FEED_FORWARD_PER_WIDTH * width;
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
