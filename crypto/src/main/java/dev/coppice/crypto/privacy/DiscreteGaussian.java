package dev.coppice.crypto.privacy;

/**
 * Samples the discrete Gaussian on the integers, {@code P[x]} proportional to {@code exp(-x^2 / (2 sigma^2))}, exactly:
 * Canonne, Kamath and Steinke 2020, algorithms 1 to 3, in integer arithmetic.
 *
 * <p>How long a sample takes depends on its size, so that who can time a device closely may learn about its noise: this
 * belongs on the device whose update the noise hides, not on a shared server. Immutable, for any number of threads.
 */
public final class DiscreteGaussian extends IntegerGaussian {
    private final int sigma;
    private final long twiceVariance;

    /**
     * The distribution with the parameter {@code sigma}, which from 4 on is its standard deviation to 60 digits.
     *
     * @param sigma 1 to 2^20
     */
    public DiscreteGaussian(int sigma) {
        if (sigma < 1 || sigma > EncodingParameters.SIGMA_MAX) {
            throw new IllegalArgumentException("Sigma must be 1 to 2^20, not " + sigma);
        }
        this.sigma = sigma;
        twiceVariance = 2L * sigma * sigma;
    }

    @Override
    void addTo(int[] values, RandomBits bits) {
        for (int i = 0; i < values.length; i++) {
            values[i] += (int) sample(bits);
        }
    }

    @Override
    public double distance() {
        return 0;
    }

    /** Algorithm 3, with a discrete Laplace of scale {@code sigma} as the proposal. */
    long sample(RandomBits bits) {
        while (true) {
            long size = geometric(bits);
            boolean negative = bits.nextBit();
            if (negative && size == 0) {
                continue; // or else 0 would come twice as often
            }
            long off = size - sigma;
            if (bernoulliExp(Math.multiplyExact(off, off), twiceVariance, bits)) {
                return negative ? -size : size;
            }
        }
    }

    /** {@code P[x]} proportional to {@code exp(-x / sigma)} for x from 0: the first part of algorithm 2. */
    private long geometric(RandomBits bits) {
        int fraction;
        do {
            fraction = bits.below(sigma);
        } while (!bernoulliExpUpToOne(fraction, sigma, bits));
        long whole = 0;
        while (bernoulliExpUpToOne(1, 1, bits)) {
            whole++;
        }
        return fraction + whole * sigma;
    }

    /** True with probability {@code exp(-numerator / denominator)}: algorithm 1. */
    private static boolean bernoulliExp(long numerator, long denominator, RandomBits bits) {
        long rest = numerator;
        for (; rest > denominator; rest -= denominator) {
            if (!bernoulliExpUpToOne(1, 1, bits)) {
                return false;
            }
        }
        return bernoulliExpUpToOne(rest, denominator, bits);
    }

    /** The same where {@code numerator} is at most {@code denominator}, by von Neumann's series. */
    static boolean bernoulliExpUpToOne(long numerator, long denominator, RandomBits bits) {
        int k = 1;
        while (bernoulli(numerator, denominator * k, bits)) {
            k++;
        }
        return (k & 1) == 1;
    }

    /**
     * True with probability {@code numerator / denominator}: compares that fraction's binary digits, as many as it takes,
     * with random ones. {@code 0 <= numerator <= denominator < 2^61}.
     */
    static boolean bernoulli(long numerator, long denominator, RandomBits bits) {
        if (numerator == denominator) {
            return true;
        }
        int digits = Math.min(32, Long.numberOfLeadingZeros(denominator) - 1);
        long rest = numerator;
        while (rest != 0) {
            long drawn = bits.nextInt32() >>> (32 - digits);
            rest = (rest << digits) - drawn * denominator; // by no division: it would take most of the time
            if (rest < 0 || rest >= denominator) {
                return rest > 0; // other digits than the fraction's: smaller ones leave more
            }
        }
        return false;
    }
}
