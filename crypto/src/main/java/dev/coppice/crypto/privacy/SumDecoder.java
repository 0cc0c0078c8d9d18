package dev.coppice.crypto.privacy;

/** Turns the sum of encoded updates back into the sum of the updates. Use on one thread. */
public final class SumDecoder {
    private final EncodingParameters parameters;

    public SumDecoder(EncodingParameters parameters) {
        this.parameters = parameters;
    }

    /**
     * @param sum {@code paddedDimension} sums mod 2^bits, left as they are; bits above those are ignored
     * @return a new array of {@code dimension} values: the sum (not the mean) of the clipped updates, and its noise
     * @throws IllegalArgumentException if the length is another
     */
    public float[] decode(int[] sum) {
        throw new UnsupportedOperationException("coming: " + parameters);
    }
}
