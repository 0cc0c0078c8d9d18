package dev.coppice.crypto.privacy;

/** A source of noise on the integers, {@code P[x]} proportional to {@code exp(-x^2 / (2 sigma^2))}. Immutable. */
sealed interface IntegerGaussian permits DiscreteGaussian, TableGaussian {
    /** Adds an independent sample to each value, mod 2^32. */
    void addTo(int[] values, RandomBits bits);

    /** Bound on how far a sample is from the distribution, in total variation. */
    double distance();
}
