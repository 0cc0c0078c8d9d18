package dev.coppice.crypto.privacy;

import dev.coppice.crypto.RandomSource;

/**
 * Turns one device's update into its part of the sum. Keeps its working memory between calls; use on one thread.
 */
public final class UpdateEncoder {
    private final EncodingParameters parameters;

    public UpdateEncoder(EncodingParameters parameters) {
        this.parameters = parameters;
    }

    /**
     * @param update {@code dimension} finite values, left as they are
     * @param random of the rounding and the noise: secret, and never used twice
     * @return a new array of {@code paddedDimension} values mod 2^bits, each in the low bits of an {@code int}
     * @throws IllegalArgumentException if the length is another or a value is not finite
     */
    public int[] encode(float[] update, RandomSource random) {
        throw new UnsupportedOperationException("coming: " + parameters);
    }
}
