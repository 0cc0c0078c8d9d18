package dev.coppice.crypto.masking;

/** Logarithms of factorials, by Stirling's series with an error below 1e-13 relative. */
final class LogGamma {
    private static final int EXACT = 256;
    private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
    private static final double[] SMALL = new double[EXACT];

    static {
        for (int i = 2; i < EXACT; i++) {
            SMALL[i] = SMALL[i - 1] + Math.log(i);
        }
    }

    private LogGamma() {}

    /** ln(n!), for n from 0. */
    static double logFactorial(int n) {
        if (n < EXACT) {
            return SMALL[n];
        }
        double x = n + 1.0;
        double inverse = 1 / x;
        double square = inverse * inverse;
        double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square / 1260));
        return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + series;
    }
}
