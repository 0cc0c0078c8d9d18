package dev.coppice.crypto.privacy;

import dev.coppice.crypto.SecretBytes;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Noise for the sum over all rounds so far, by a banded matrix (BandMF: Choquette-Choo et al. 2023): better than a tree's.
 * What is released amounts to {@code C x + z}, with {@code z} discrete Gaussian and {@code C} the lower triangular Toeplitz
 * matrix of the first {@code bands} coefficients of {@code (1 - t)^(-1/2)}, the square root of taking prefix sums.
 *
 * <p>To stay with integers, C is multiplied by 2^8 and rounded: {@code a_0 = 256, a_1, ...}. A round's noise is {@code e_t =
 * floor((z_t - a_1 e_(t-1) - a_2 e_(t-2) - ... + 128) / 256)}. Rounding commutes with adding integers, so a round's result
 * {@code x_t + e_t} is the same function of {@code (C x + z)_t} and of the results before it: released is nothing but {@code
 * C x + z}, digit for digit.
 *
 * <p>An update is in {@code bands} of its rows; as devices stay away for that many rounds, no row holds two of theirs, and
 * each row is a Gaussian mechanism in a composition, which holds whatever later updates depend on. So the sensitivity is
 * {@code sqrt(times) * |a|}.
 */
public final class BandedNoise implements CentralNoise {
    private static final int FRACTION_BITS = 8;

    private final Participation participation;
    private final long[] coefficients;
    private final int sigma;
    private final TableGaussian gaussian;
    private final SecretBytes key;
    private final Deque<int[]> before = new ArrayDeque<>();
    private int round;

    /**
     * The noise of all rounds.
     *
     * @param bands at most the participation's separation, and 1 for independent noise
     * @param sigma of {@code z}, 1 to 2^20, in units of 1/256
     * @param key lent; 32 bytes
     */
    public BandedNoise(Participation participation, int bands, int sigma, SecretBytes key) {
        if (bands < 1 || (bands > participation.separation() && participation.times() > 1)) {
            throw new IllegalArgumentException(
                    bands + " bands, where devices come again after " + participation.separation() + " rounds");
        }
        this.participation = participation;
        this.coefficients = coefficients(Math.min(bands, participation.rounds()));
        this.sigma = sigma;
        this.gaussian = new TableGaussian(sigma);
        this.key = key;
    }

    private static long[] coefficients(int bands) {
        long[] coefficients = new long[bands];
        double coefficient = 1;
        for (int j = 0; j < bands; j++) {
            coefficients[j] = Math.round(Math.scalb(coefficient, FRACTION_BITS));
            coefficient *= (j + 0.5) / (j + 1);
        }
        return coefficients;
    }

    @Override
    public Participation participation() {
        return participation;
    }

    @Override
    public double noiseMultiplier(double sensitivity) {
        double squares = 0;
        for (long coefficient : coefficients) {
            squares += (double) coefficient * coefficient;
        }
        return sigma / (sensitivity * Math.sqrt(participation.times() * squares));
    }

    @Override
    public void addNext(int[] sum) {
        if (round == participation.rounds()) {
            throw new IllegalStateException("All " + round + " rounds had their noise");
        }
        round++;
        int[] noise = next(innovation(round, sum.length));
        before.addFirst(noise);
        if (before.size() == coefficients.length) {
            before.removeLast();
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += noise[i];
        }
    }

    /** {@code z} of a round, from 1. */
    int[] innovation(int number, int dimension) {
        return CentralNoise.draw(key, gaussian, "coppice/v1/BAND", number, dimension);
    }

    long[] coefficients() {
        return coefficients.clone();
    }

    private int[] next(int[] innovation) {
        long[] sums = new long[innovation.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = innovation[i] + (1L << (FRACTION_BITS - 1));
        }
        int band = 0;
        for (int[] earlier : before) {
            band++;
            for (int i = 0; i < sums.length; i++) {
                sums[i] -= coefficients[band] * earlier[i];
            }
        }
        int[] noise = new int[sums.length];
        for (int i = 0; i < sums.length; i++) {
            noise[i] = (int) (sums[i] >> FRACTION_BITS);
        }
        return noise;
    }
}
