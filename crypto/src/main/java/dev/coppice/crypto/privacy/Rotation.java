package dev.coppice.crypto.privacy;

/**
 * A random rotation that all devices of a cohort share: random signs, then the Walsh-Hadamard transform divided by
 * {@code sqrt(dimension)}. It spreads an update over all coordinates, whatever its shape, and keeps its norm.
 */
final class Rotation {
    /** So many values stay in the fastest cache while all the transform's small steps are taken. */
    private static final int BLOCK = 2048;

    /** 1 / sqrt(dimension), or its negative. */
    private final double[] factors;

    /** @param dimension a power of two */
    Rotation(RotationSeed seed, int dimension) {
        factors = new double[dimension];
        double factor = 1 / Math.sqrt(dimension);
        try (RandomBits bits = new RandomBits(seed.bytes())) {
            for (int i = 0; i < dimension; i++) {
                factors[i] = bits.nextBit() ? -factor : factor;
            }
        }
    }

    /** Rotates in place. */
    void apply(double[] values) {
        multiply(values);
        transform(values);
    }

    /** Rotates back in place. */
    void undo(double[] values) {
        transform(values);
        multiply(values);
    }

    private void multiply(double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factors[i];
        }
    }

    private static void transform(double[] values) {
        int block = Math.min(BLOCK, values.length);
        for (int from = 0; from < values.length; from += block) {
            int half = 1;
            if (block >= 8) {
                eights(values, from, from + block);
                half = 8;
            }
            steps(values, from, from + block, half, block);
        }
        steps(values, 0, values.length, block, values.length);
    }

    /** Combines parts of {@code half} values into parts of {@code end}, two doublings at a time. */
    private static void steps(double[] values, int from, int to, int half, int end) {
        int part = half;
        for (; part * 2 < end; part *= 4) {
            for (int at = from; at < to; at += 4 * part) {
                fours(values, at, part);
            }
        }
        if (part < end) {
            for (int at = from; at < to; at += 2 * part) {
                twos(values, at, part);
            }
        }
    }

    private static void twos(double[] values, int at, int part) {
        for (int i = at; i < at + part; i++) {
            double left = values[i];
            double right = values[i + part];
            values[i] = left + right;
            values[i + part] = left - right;
        }
    }

    private static void fours(double[] values, int at, int part) {
        for (int i = at; i < at + part; i++) {
            double a = values[i] + values[i + part];
            double b = values[i] - values[i + part];
            double c = values[i + 2 * part] + values[i + 3 * part];
            double d = values[i + 2 * part] - values[i + 3 * part];
            values[i] = a + c;
            values[i + part] = b + d;
            values[i + 2 * part] = a - c;
            values[i + 3 * part] = b - d;
        }
    }

    /** The first three doublings, which have too few neighbours for a loop. */
    private static void eights(double[] values, int from, int to) {
        for (int i = from; i < to; i += 8) {
            fours(values, i, 1);
            fours(values, i + 4, 1);
            twos(values, i, 4);
        }
    }
}
