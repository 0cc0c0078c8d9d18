package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;

/** Pearson's test of counts against what was expected. */
final class ChiSquare {
    /** A fair sampler fails once in ten million tries. */
    private static final double NORMAL_QUANTILE = 5.2;

    private static final double EXPECTED_MIN = 8;

    private ChiSquare() {}

    /** Cells of too small an expectation are merged with those that follow. */
    static void assertFits(long[] counts, double[] expected) {
        double statistic = 0;
        int cells = 0;
        double count = 0;
        double expectation = 0;
        for (int i = 0; i < counts.length; i++) {
            count += counts[i];
            expectation += expected[i];
            if (expectation >= EXPECTED_MIN) {
                statistic += (count - expectation) * (count - expectation) / expectation;
                cells++;
                count = 0;
                expectation = 0;
            }
        }
        assertThat(count).as("counted in the last, unfilled cell").isLessThan(40);
        assertThat(statistic).as("chi-square of %d cells", cells).isLessThan(quantile(cells - 1));
    }

    /** Wilson and Hilferty's approximation. */
    private static double quantile(int degrees) {
        double variance = 2.0 / (9 * degrees);
        return degrees * Math.pow(1 - variance + NORMAL_QUANTILE * Math.sqrt(variance), 3);
    }
}
