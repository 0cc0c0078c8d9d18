package dev.coppice.crypto.privacy.accounting;

/**
 * Rényi divergence of a Gaussian release on a Poisson sample: {@code log(A) / (order - 1)} with A the mean, under
 * the noise, of the likelihood ratio {@code 1 - q + q exp((2x - 1) / (2 z^2))} to the power of the order (Mironov, Talwar
 * and Zhang 2019, section 3). The other direction is smaller (theorem 5 there).
 *
 * <p>Between whole orders A is bounded from above by the series there with all its terms taken positive, as Google's
 * {@code dp_accounting} does: up to one part in a thousand more than A, where q is large and the order below 3.
 *
 * <p>What else is summed here is {@code A - 1}, in terms that are never negative: a divergence of 1e-20 has its digits too.
 */
final class PoissonDivergence {
    private static final double TAIL = 12;

    private static final int TERMS_MAX = 1000;

    /** Terms so many nats below the sum end it. */
    private static final double NEGLIGIBLE = 30;

    /** Stands for order 1: divergences rise with the order. */
    private static final double ORDER_MIN = 1 + 1e-6;

    private PoissonDivergence() {}

    /**
     * @param rate 0 to 1
     * @param multiplier 0 and more, or infinite
     * @param order at least 1
     */
    static double of(double rate, double multiplier, double order) {
        if (rate == 0 || multiplier == Double.POSITIVE_INFINITY) {
            return 0;
        }
        if (rate == 1) {
            return order / (2 * multiplier * multiplier);
        }
        if (multiplier == 0 || order == Double.POSITIVE_INFINITY) {
            return Double.POSITIVE_INFINITY;
        }
        double near = Math.max(order, ORDER_MIN);
        double exact = LogSum.log1pExp(logExcess(rate, multiplier, near));
        return (isWhole(near) ? exact : Math.max(exact, logSeries(rate, multiplier, near))) / (near - 1);
    }

    /** The least that {@link #of} may say. */
    static double exact(double rate, double multiplier, double order) {
        return LogSum.log1pExp(logExcess(rate, multiplier, order)) / (order - 1);
    }

    private static boolean isWhole(double order) {
        return order == Math.rint(order);
    }

    /** Section 3.3 there: both parts of the integral, each by the binomial series; infinite if it does not converge. */
    private static double logSeries(double rate, double multiplier, double order) {
        double border = multiplier * multiplier * (Math.log1p(-rate) - Math.log(rate)) + 0.5;
        LogSum sum = new LogSum();
        double logBinomial = 0;
        double belowBefore = Double.NEGATIVE_INFINITY;
        double aboveBefore = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < TERMS_MAX; i++) {
            double below = logBinomial + logTerm(rate, multiplier, i, order - i, border);
            double above = logBinomial + logTerm(rate, multiplier, order - i, i, border);
            sum.add(below);
            sum.add(above);
            if (below < belowBefore && above < aboveBefore && Math.max(below, above) < sum.log() - NEGLIGIBLE) {
                return sum.log();
            }
            belowBefore = below;
            aboveBefore = above;
            logBinomial += Math.log(Math.abs(order - i) / (i + 1));
        }
        return Double.POSITIVE_INFINITY;
    }

    /** {@code q^k (1 - q)^rest} times the k-th moment of the noise's ratio, on the side of the border where it is small. */
    private static double logTerm(double rate, double multiplier, double power, double rest, double border) {
        boolean isBelow = power == Math.rint(power);
        double distance = (isBelow ? power - border : border - power) / multiplier;
        return power * Math.log(rate)
                + rest * Math.log1p(-rate)
                + power * (power - 1) / (2 * multiplier * multiplier)
                + Normal.logAbove(distance);
    }

    /** {@code log(A - 1)}. */
    private static double logExcess(double rate, double multiplier, double order) {
        return isWhole(order) ? whole(rate, multiplier, (int) order) : quadrature(rate, multiplier, order);
    }

    /** By the binomial theorem; the terms of 0 and 1 cancel with the 1. */
    private static double whole(double rate, double multiplier, int order) {
        LogSum sum = new LogSum();
        double logBinomial = Math.log(order);
        for (int i = 2; i <= order; i++) {
            logBinomial += Math.log((double) (order - i + 1) / i);
            double exponent = (double) i * (i - 1) / (2 * multiplier * multiplier);
            sum.add(logBinomial + i * Math.log(rate) + (order - i) * Math.log1p(-rate) + LogSum.logExpm1(exponent));
        }
        return sum.log();
    }

    /**
     * By the trapezoid rule, which is exact but for {@code exp(-2 pi d / step)} where the integrand is analytic within d of
     * the real line: {@code pi z^2} here, where the ratio is 0.
     */
    private static double quadrature(double rate, double multiplier, double order) {
        double step = Math.min(multiplier / 4, multiplier * multiplier / 2);
        double from = -TAIL * multiplier;
        int steps = (int) Math.ceil((Math.max(order, 2) + 2 * TAIL * multiplier) / step);
        LogSum sum = new LogSum();
        for (int i = 0; i <= steps; i++) {
            double x = from + i * step;
            double exponent = (2 * x - 1) / (2 * multiplier * multiplier);
            double logRatio = exponent > 30
                    ? exponent + Math.log(rate) + Math.log1p((1 - rate) / rate * Math.exp(-exponent))
                    : Math.log1p(rate * Math.expm1(exponent));
            sum.add(order * logRatio + Math.log(convexity(order, logRatio)) - x * x / (2 * multiplier * multiplier));
        }
        return sum.log() + Math.log(step / (multiplier * Math.sqrt(2 * Math.PI)));
    }

    /** {@code (r^a - 1 - a (r - 1)) / r^a} of a ratio r, from its logarithm; never negative. */
    private static double convexity(double order, double logRatio) {
        if (Math.abs(order * logRatio) > 0.5) {
            return Math.max(
                    0, (order - 1) * Math.expm1(-order * logRatio) - order * Math.expm1(-(order - 1) * logRatio));
        }
        double sum = 0;
        double factor = 1;
        double high = 1;
        double low = 1;
        for (int k = 2; k <= 20; k++) {
            factor *= -logRatio / k;
            high *= order;
            low *= order - 1;
            sum += factor * (high - low);
        }
        return order * (order - 1) * -logRatio * sum;
    }
}
