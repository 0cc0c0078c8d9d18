package dev.coppice.crypto.privacy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The cumulative distribution of a discrete Gaussian's size, {@code P[|X| <= j]} for j from 0, in 93 bits; and drawing
 * from it by comparing random numbers with every entry, so that nothing depends on what comes out. Immutable.
 *
 * <p>Why not 63 bits: a sum holds the noise of hundreds of devices, {@code 2^31} samples and more over a device's rounds,
 * and their distances add up, times {@code exp(epsilon)}. At 2^-57 a sample that is above any delta.
 */
final class GaussianTable {
    private static final int WORD_BITS = 31;
    private static final int BITS = 3 * WORD_BITS;
    private static final int WORD_MASK = Integer.MAX_VALUE;

    /** Bits of the fixed-point numbers that the table is computed with, of which rounding costs the last 20 or so. */
    private static final int PRECISION = 256;

    /** Sizes whose probability all together is below 2^-90 do not occur. */
    private static final int TAIL_BITS = 90;

    private static final int UNROLLED = 4;

    private final int[] high;
    private final int[] middle;
    private final int[] low;
    private final int entries;

    /** Random numbers for some samples at a time, and what is counted. For one thread; wiped on close. */
    static final class Batch implements AutoCloseable {
        static final int SIZE = 1024;

        private final int[] high = new int[SIZE];
        private final int[] middle = new int[SIZE];
        private final int[] low = new int[SIZE];
        private final int[] sign = new int[SIZE];
        private final int[] below = new int[SIZE];
        private final int[] sum = new int[SIZE];

        /** Adds the sums to as many of the values as there are, and sets them to 0. */
        void moveTo(int[] values, int from) {
            int count = Math.min(SIZE, values.length - from);
            for (int i = 0; i < count; i++) {
                values[from + i] += sum[i];
            }
            Arrays.fill(sum, 0);
        }

        private void draw(RandomBits bits) {
            bits.fill(high);
            bits.fill(middle);
            bits.fill(low);
            for (int i = 0; i < SIZE; i++) {
                sign[i] = high[i] >> WORD_BITS; // 0 or -1: the bit that no comparison uses
                high[i] &= WORD_MASK;
                middle[i] &= WORD_MASK;
                low[i] &= WORD_MASK;
            }
            Arrays.fill(below, 0);
        }

        @Override
        public void close() {
            for (int[] words : new int[][] {high, middle, low, sign, below, sum}) {
                Arrays.fill(words, 0);
            }
        }
    }

    /** @param variance at least 1; sizes reach 11.3 times its root */
    GaussianTable(long variance) {
        List<BigInteger> cumulative = cumulative(variance);
        entries = cumulative.size();
        int padded = (entries + UNROLLED - 1) / UNROLLED * UNROLLED; // with zeros, which no number is below
        high = new int[padded];
        middle = new int[padded];
        low = new int[padded];
        for (int j = 0; j < entries; j++) {
            high[j] = word(cumulative.get(j), 2);
            middle[j] = word(cumulative.get(j), 1);
            low[j] = word(cumulative.get(j), 0);
        }
    }

    private static int word(BigInteger value, int number) {
        return value.shiftRight(number * WORD_BITS).intValue() & WORD_MASK;
    }

    /** Entry j in units of 2^-93. */
    BigInteger entry(int j) {
        return BigInteger.valueOf(high[j])
                .shiftLeft(WORD_BITS)
                .or(BigInteger.valueOf(middle[j]))
                .shiftLeft(WORD_BITS)
                .or(BigInteger.valueOf(low[j]));
    }

    int entries() {
        return entries;
    }

    /** Bound on the distance: each entry is off by at most 2^-93, which moves two probabilities; and the tail. */
    double distance() {
        return Math.scalb((double) entries, -BITS) + Math.scalb(1.0, -TAIL_BITS);
    }

    /** Adds {@code factor} times a sample to each of the batch's sums. */
    void add(int factor, RandomBits bits, Batch batch) {
        batch.draw(bits);
        countAbove(batch.high, batch.middle, batch.low, batch.below);
        for (int i = 0; i < Batch.SIZE; i++) {
            int size = entries - batch.below[i];
            batch.sum[i] += factor * ((size ^ batch.sign[i]) - batch.sign[i]);
        }
    }

    /** Adds, for each number of three words of 31 bits, how many entries are above it. */
    void countAbove(int[] highs, int[] middles, int[] lows, int[] above) {
        for (int j = 0; j < high.length; j += UNROLLED) {
            count(j, highs, middles, lows, above);
        }
    }

    /** Counts, for each number, which of four entries it is below; the sign of a difference says so without a branch. */
    private void count(int j, int[] highs, int[] middles, int[] lows, int[] below) {
        int high0 = high[j];
        int middle0 = middle[j];
        int low0 = low[j];
        int high1 = high[j + 1];
        int middle1 = middle[j + 1];
        int low1 = low[j + 1];
        int high2 = high[j + 2];
        int middle2 = middle[j + 2];
        int low2 = low[j + 2];
        int high3 = high[j + 3];
        int middle3 = middle[j + 3];
        int low3 = low[j + 3];
        for (int i = 0; i < Batch.SIZE; i++) {
            int h = highs[i];
            int m = middles[i];
            int l = lows[i];
            below[i] += ((h - high0 - ((m - middle0 - ((l - low0) >>> WORD_BITS)) >>> WORD_BITS)) >>> WORD_BITS)
                    + ((h - high1 - ((m - middle1 - ((l - low1) >>> WORD_BITS)) >>> WORD_BITS)) >>> WORD_BITS)
                    + ((h - high2 - ((m - middle2 - ((l - low2) >>> WORD_BITS)) >>> WORD_BITS)) >>> WORD_BITS)
                    + ((h - high3 - ((m - middle3 - ((l - low3) >>> WORD_BITS)) >>> WORD_BITS)) >>> WORD_BITS);
        }
    }

    private static List<BigInteger> cumulative(long variance) {
        List<BigInteger> weights = weights(variance);
        BigInteger total = weights.get(0).negate();
        for (BigInteger weight : weights) {
            total = total.add(weight.shiftLeft(1));
        }
        List<BigInteger> cumulative = new ArrayList<>();
        BigInteger sum = weights.get(0).negate();
        for (int j = 0; j + 1 < weights.size(); j++) { // the last size is what no entry is above
            sum = sum.add(weights.get(j).shiftLeft(1));
            cumulative.add(sum.shiftLeft(BITS).divide(total));
        }
        return cumulative;
    }

    /** {@code exp(-x^2 / (2 variance))} for x from 0 to where the rest adds up to less than the tail. */
    private static List<BigInteger> weights(long variance) {
        BigInteger one = BigInteger.ONE.shiftLeft(PRECISION);
        BigInteger ratio = expOfMinusOneOver(2 * variance);
        BigInteger square = times(ratio, ratio);
        List<BigInteger> weights = new ArrayList<>();
        BigInteger weight = one;
        BigInteger least = one.shiftRight(TAIL_BITS + 2); // the rest is below 2.6 sqrt(variance) times the last one
        while (weight.compareTo(least) > 0) {
            weights.add(weight);
            weight = times(weight, ratio);
            ratio = times(ratio, square);
        }
        return weights;
    }

    /** {@code exp(-1 / divisor)} by its series. */
    private static BigInteger expOfMinusOneOver(long divisor) {
        BigInteger term = BigInteger.ONE.shiftLeft(PRECISION);
        BigInteger sum = BigInteger.ZERO;
        for (long n = 1; term.signum() != 0; n++) {
            sum = sum.add(term);
            term = term.negate().divide(BigInteger.valueOf(divisor).multiply(BigInteger.valueOf(n)));
        }
        return sum;
    }

    private static BigInteger times(BigInteger a, BigInteger b) {
        return a.multiply(b).shiftRight(PRECISION);
    }
}
