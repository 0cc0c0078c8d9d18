package dev.coppice.crypto.privacy.accounting;

/**
 * Rényi divergence of a Gaussian release on a sample of fixed size, drawn without replacement, between populations of
 * which one member is replaced: Wang, Balle and Kasiviswanathan 2019, theorem 27, and corollary 10 between whole orders.
 */
final class FixedSizeDivergence {
    /** Above it the moments are bounded by themselves; their differences add little. */
    private static final int ORDER_OF_DIFFERENCES_MAX = 256;

    private static final double TAIL = 12;

    private final double rate;
    private final double multiplier;
    private final double[] logMoments;

    FixedSizeDivergence(double rate, double multiplier, double[] orders) {
        this.rate = rate;
        this.multiplier = multiplier;
        int largest = 2;
        for (double order : orders) {
            largest = Math.max(largest, (int) Math.ceil(Math.min(order, ORDER_OF_DIFFERENCES_MAX)));
        }
        this.logMoments = new double[largest / 2 + 2];
        for (int half = 1; half < logMoments.length; half++) {
            logMoments[half] = isTrivial() ? 0 : logMoment(2 * half);
        }
    }

    private boolean isTrivial() {
        return rate == 0 || rate == 1 || multiplier == 0 || multiplier == Double.POSITIVE_INFINITY;
    }

    double of(double order) {
        if (isTrivial()) {
            return rate == 0 ? 0 : order / (2 * multiplier * multiplier);
        }
        if (order == Double.POSITIVE_INFINITY) {
            return order;
        }
        if (order == 1) {
            return logA(2); // divergences rise with the order
        }
        int below = (int) Math.floor(order);
        double part = order - below;
        double log = (1 - part) * logA(below) + (part == 0 ? 0 : part * logA(below + 1));
        return log / (order - 1);
    }

    private double logA(int order) {
        LogSum excess = new LogSum();
        double logBinomial = Math.log(order);
        for (int i = 2; i <= order; i++) {
            logBinomial += Math.log((double) (order - i + 1) / i);
            excess.add(i * Math.log(rate) + logBinomial + logBound(i, order));
        }
        return LogSum.log1pExp(excess.log());
    }

    /** Of the mean of {@code |ratio - 1|^i}, the least of the theorem's bounds. */
    private double logBound(int i, int order) {
        double byMoment = Math.log(2) + (double) i * (i - 1) / (2 * multiplier * multiplier);
        if (i == 2) {
            return Math.min(
                    Math.log(4) + LogSum.logExpm1(1 / (multiplier * multiplier)),
                    Math.log(2) + 1 / (multiplier * multiplier));
        }
        if (order > ORDER_OF_DIFFERENCES_MAX) {
            return byMoment;
        }
        return Math.min(byMoment, Math.log(4) + 0.5 * (logMoments[i / 2] + logMoments[(i + 1) / 2]));
    }

    /** Of {@code E (ratio - 1)^even} under the noise: the forward difference of that order, with no term negative. */
    private double logMoment(int even) {
        double step = Math.min(multiplier / 4, multiplier * multiplier / 2);
        double from = -TAIL * multiplier;
        int steps = (int) Math.ceil((even + 2 * TAIL * multiplier) / step);
        LogSum sum = new LogSum();
        for (int i = 0; i <= steps; i++) {
            double x = from + i * step;
            double exponent = (2 * x - 1) / (2 * multiplier * multiplier);
            double logDifference = exponent > 0 ? LogSum.logExpm1(exponent) : Math.log(-Math.expm1(exponent));
            sum.add(even * logDifference - x * x / (2 * multiplier * multiplier));
        }
        return sum.log() + Math.log(step / (multiplier * Math.sqrt(2 * Math.PI)));
    }
}
