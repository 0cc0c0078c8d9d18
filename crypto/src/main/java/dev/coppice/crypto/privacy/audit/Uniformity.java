package dev.coppice.crypto.privacy.audit;

import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.protocol.round.MaskedInput;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/**
 * Whether masked inputs look like what they should: uniform mod 2^bits, whatever they hide, and independent of each other.
 * Each answer is a p-value, the probability that uniform values look as odd as these or odder. Approximations of the
 * distributions are for thousands of values; with fewer than 512 nothing is claimed.
 */
public final class Uniformity {
    /** Expected in each cell of a chi-square test, at least; 2^8 cells at most. */
    private static final int EXPECTED_MIN = 32;

    private static final int CELL_BITS_MAX = 8;
    private static final int TERMS = 100;

    private final int bits;

    /** @param bits of each value, 8 to 32 */
    public Uniformity(int bits) {
        if (bits < CELL_BITS_MAX || bits > 32) {
            throw new IllegalArgumentException("Values have 8 to 32 bits, not " + bits);
        }
        this.bits = bits;
    }

    /**
     * What the server sees of one device.
     *
     * @param count of values
     * @return a new array of {@code count} values mod 2^bits, each in the low bits of an {@code int}
     * @throws IllegalArgumentException if the input has another length
     */
    public int[] values(MaskedInput input, int count) {
        int[] values = new int[count];
        BitPacking.addTo(values, input.getPacked().toByteArray(), bits);
        return values;
    }

    /** Of one device's values: Kolmogorov and Smirnov's test, and chi-square tests of the highest and the lowest bits. */
    public double alone(int[] values) {
        return Math.min(1, 3 * Math.min(kolmogorovSmirnov(values), Math.min(highBits(values), lowBits(values))));
    }

    /**
     * Of two devices' values, or of one device's in two rounds: their differences and their sums must be uniform as well,
     * and they must not be correlated.
     *
     * @param one as many values as {@code other} has
     */
    public double together(int[] one, int[] other) {
        int[] differences = combined(one, other, (a, b) -> a - b);
        int[] sums = combined(one, other, Integer::sum);
        double leastOfDifferences = Math.min(highBits(differences), lowBits(differences));
        double leastOfSums = Math.min(highBits(sums), lowBits(sums));
        return Math.min(1, 5 * Math.min(correlation(one, other), Math.min(leastOfDifferences, leastOfSums)));
    }

    /** Kolmogorov's distribution of the largest distance of the two distribution functions, corrected as Stephens 1970. */
    double kolmogorovSmirnov(int[] values) {
        double[] sorted =
                Arrays.stream(values).mapToDouble(this::fraction).sorted().toArray();
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
            double below = sorted[i] - (double) i / sorted.length;
            double above = (i + 1.0) / sorted.length - sorted[i];
            distance = Math.max(distance, Math.max(below, above));
        }
        double root = Math.sqrt(sorted.length);
        double scaled = distance * (root + 0.12 + 0.11 / root);
        if (scaled < 0.2) {
            return 1; // but for 10^-12, and the series would not converge
        }
        double sum = 0;
        for (int k = 1; k <= TERMS; k++) {
            sum += (k % 2 == 1 ? 2 : -2) * Math.exp(-2.0 * k * k * scaled * scaled);
        }
        return Math.max(0, Math.min(1, sum));
    }

    double highBits(int[] values) {
        int cellBits = cellBits(values.length);
        return chiSquare(values, bits - cellBits, cellBits);
    }

    double lowBits(int[] values) {
        return chiSquare(values, 0, cellBits(values.length));
    }

    /** Pearson's coefficient, normal with deviation {@code 1 / sqrt(count)} where there is nothing in common. */
    double correlation(int[] one, int[] other) {
        double products = 0;
        double squares = 0;
        double otherSquares = 0;
        for (int i = 0; i < one.length; i++) {
            double a = fraction(one[i]) - 0.5;
            double b = fraction(other[i]) - 0.5;
            products += a * b;
            squares += a * a;
            otherSquares += b * b;
        }
        double coefficient = products / Math.sqrt(squares * otherSquares);
        return Erfc.value(Math.abs(coefficient) * Math.sqrt(one.length / 2.0));
    }

    private static double chiSquare(int[] values, int shift, int cellBits) {
        int[] counts = new int[1 << cellBits];
        for (int value : values) {
            counts[(value >>> shift) & (counts.length - 1)]++;
        }
        double expected = (double) values.length / counts.length;
        double statistic = 0;
        for (int count : counts) {
            statistic += (count - expected) * (count - expected) / expected;
        }
        return RegularizedGamma.Q.value((counts.length - 1) / 2.0, statistic / 2);
    }

    private static int cellBits(int count) {
        int cells = Integer.highestOneBit(Math.max(2, count / EXPECTED_MIN));
        return Math.min(CELL_BITS_MAX, Integer.numberOfTrailingZeros(cells));
    }

    /** Of the combined values only the low bits count. */
    private static int[] combined(int[] one, int[] other, IntBinaryOperator how) {
        if (one.length != other.length) {
            throw new IllegalArgumentException("As many values of both: " + one.length + " and " + other.length);
        }
        int[] combined = new int[one.length];
        Arrays.setAll(combined, i -> how.applyAsInt(one[i], other[i]));
        return combined;
    }

    /** Where the value lies between 0 and 1, the middle of its step. */
    private double fraction(int value) {
        return Math.scalb(Integer.toUnsignedLong(value) + 0.5, -bits);
    }
}
