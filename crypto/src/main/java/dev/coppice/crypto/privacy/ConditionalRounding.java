package dev.coppice.crypto.privacy;

/**
 * Stochastic rounding that is repeated until the norm is small enough (Kairouz, Liu and Steinke 2021, section 4.1).
 * Unbiased but for the repetition, and its norm bound holds for every vector that comes out: sensitivity rests on it.
 */
final class ConditionalRounding {
    /** {@code sqrt(2 ln(1/beta))} at beta = exp(-1/2): one rounding in about 1.6, at worst, is kept. */
    private static final double TAIL = 1;

    /** With at worst 0.39 kept each time, more are needed once in 10^27 vectors. */
    private static final int TRIES_MAX = 128;

    private final long squaredNormMax;

    /** @param norm largest L2 norm of a vector before rounding; at most 2^30 */
    ConditionalRounding(double norm, int dimension) {
        double bound = normBound(norm, dimension);
        squaredNormMax = (long) Math.floor(bound * bound);
    }

    /** The L2 norm that no rounded vector exceeds, if its L2 norm was at most {@code norm} before. */
    static double normBound(double norm, int dimension) {
        double root = Math.sqrt(dimension);
        double always = (norm + root) * (norm + root);
        double likely = norm * norm + dimension / 4.0 + TAIL * (norm + root / 2);
        return Math.sqrt(Math.min(always, likely));
    }

    /** Rounds {@code values}, whose norm is at most that given before, into {@code rounded}. */
    void round(double[] values, int[] rounded, RandomBits bits) {
        for (int tries = 0; tries < TRIES_MAX; tries++) {
            if (tryRound(values, rounded, bits) <= squaredNormMax) {
                return;
            }
        }
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (int) values[i]; // towards zero: never longer than what came in
        }
    }

    private static long tryRound(double[] values, int[] rounded, RandomBits bits) {
        long squaredNorm = 0;
        for (int i = 0; i < values.length; i++) {
            double floor = Math.floor(values[i]);
            long up = bits.nextInt32() < (values[i] - floor) * 0x1p32 ? 1 : 0;
            long integer = (long) floor + up;
            squaredNorm += integer * integer;
            rounded[i] = (int) integer;
        }
        return squaredNorm;
    }
}
