package dev.coppice.adapters.inference;

/**
 * How well a model foresees a text.
 *
 * @param tokens that were to be foreseen, the end of the text included; 0 for a text without any
 * @param loss sum of their cross entropies, in nats
 * @param correct how many of them were the likeliest at their place
 */
public record TextScore(long tokens, double loss, long correct) {
    /** Nothing yet. */
    public static final TextScore NONE = new TextScore(0, 0, 0);

    /** Both texts together. */
    public TextScore plus(TextScore other) {
        return new TextScore(tokens + other.tokens, loss + other.loss, correct + other.correct);
    }

    /** Mean loss of a token, in nats; NaN if there is none. */
    public double meanLoss() {
        return loss / tokens;
    }

    /** e to the mean loss. */
    public double perplexity() {
        return Math.exp(meanLoss());
    }

    /** Share of tokens that were the likeliest, 0 to 1; NaN if there is none. */
    public double accuracy() {
        return (double) correct / tokens;
    }
}
