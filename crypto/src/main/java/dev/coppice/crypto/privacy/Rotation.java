package dev.coppice.crypto.privacy;

/**
 * A random rotation that all devices of a cohort share: random signs, then the Walsh-Hadamard transform divided by
 * {@code sqrt(dimension)}. It spreads an update over all coordinates, whatever its shape, and keeps its norm.
 */
final class Rotation {
    private final boolean[] negative;
    private final double factor;

    /** @param dimension a power of two */
    Rotation(RotationSeed seed, int dimension) {
        negative = new boolean[dimension];
        factor = 1 / Math.sqrt(dimension);
        try (RandomBits bits = new RandomBits(seed.bytes())) {
            for (int i = 0; i < dimension; i++) {
                negative[i] = bits.nextBit();
            }
        }
    }

    /** Rotates in place. */
    void apply(double[] values) {
        flip(values);
        transform(values);
    }

    /** Rotates back in place. */
    void undo(double[] values) {
        transform(values);
        flip(values);
    }

    private void flip(double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (negative[i]) {
                values[i] = -values[i];
            }
        }
    }

    private void transform(double[] values) {
        for (int half = 1; half < values.length; half *= 2) {
            for (int block = 0; block < values.length; block += 2 * half) {
                for (int i = block; i < block + half; i++) {
                    double left = values[i];
                    double right = values[i + half];
                    values[i] = left + right;
                    values[i + half] = left - right;
                }
            }
        }
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }
}
