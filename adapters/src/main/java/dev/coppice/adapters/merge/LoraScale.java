package dev.coppice.adapters.merge;

/** What the product of two factors is multiplied with, given their rank. */
@FunctionalInterface
public interface LoraScale {
    /** The product as it is: an adapter whose alpha is its rank. */
    LoraScale ONE = rank -> 1;

    /** A positive number. */
    double of(int rank);

    /** {@code alpha / rank} (Hu et al. 2021, section 4.1). */
    static LoraScale ofAlpha(double alpha) {
        return rank -> alpha / rank;
    }

    /** {@code alpha / sqrt(rank)} (rsLoRA; Kalajdzievski 2023, "A Rank Stabilization Scaling Factor"). */
    static LoraScale rankStabilized(double alpha) {
        return rank -> alpha / Math.sqrt(rank);
    }
}
