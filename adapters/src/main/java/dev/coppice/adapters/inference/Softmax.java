package dev.coppice.adapters.inference;

/** Probabilities from logits, in float64. */
final class Softmax {
    private Softmax() {}

    /** Index of the highest logit; the first of several. */
    static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    /** Probability of one of the logits. */
    static double probability(float[] logits, int index) {
        return Math.exp(logits[index] - logOfSum(logits));
    }

    /** Logarithm of the sum of their exponentials. */
    static double logOfSum(float[] logits) {
        double highest = logits[likeliest(logits)];
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - highest);
        }
        return highest + Math.log(total);
    }
}
