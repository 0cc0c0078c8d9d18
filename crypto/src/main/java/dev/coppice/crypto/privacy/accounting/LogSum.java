package dev.coppice.crypto.privacy.accounting;

/** A sum of numbers, none negative, that is told their logarithms and tells its own: nothing overflows. */
final class LogSum {
    private double largest = Double.NEGATIVE_INFINITY;
    private double scaled;

    void add(double log) {
        if (log == Double.NEGATIVE_INFINITY) {
            return;
        }
        if (log > largest) {
            scaled = scaled * Math.exp(largest - log) + 1;
            largest = log;
        } else {
            scaled += Math.exp(log - largest);
        }
    }

    double log() {
        return largest == Double.NEGATIVE_INFINITY ? largest : largest + Math.log(scaled);
    }

    /** {@code log(exp(x) - 1)} for x above 0. */
    static double logExpm1(double x) {
        return x > 40 ? x : Math.log(Math.expm1(x));
    }

    /** {@code log(1 + exp(x))}. */
    static double log1pExp(double x) {
        return x > 40 ? x : Math.log1p(Math.exp(x));
    }
}
