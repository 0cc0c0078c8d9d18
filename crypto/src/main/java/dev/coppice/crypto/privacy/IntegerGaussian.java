package dev.coppice.crypto.privacy;

import dev.coppice.crypto.RandomSource;
import java.util.Arrays;

/**
 * A source of noise on the integers, {@code P[x]} proportional to {@code exp(-x^2 / (2 sigma^2))}. Immutable, for any
 * number of threads.
 */
public abstract sealed class IntegerGaussian permits DiscreteGaussian, TableGaussian {
    IntegerGaussian() {}

    /**
     * Adds an independent sample to each value, mod 2^32.
     *
     * @param random gives 32 secret bytes, which are expanded by AES-256 in counter mode
     */
    public final void addTo(int[] values, RandomSource random) {
        byte[] key = random.bytes(RandomBits.KEY_BYTES);
        try (RandomBits bits = new RandomBits(key)) {
            addTo(values, bits);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    abstract void addTo(int[] values, RandomBits bits);

    /** Bound on how far a sample is from the distribution, in total variation. */
    public abstract double distance();
}
