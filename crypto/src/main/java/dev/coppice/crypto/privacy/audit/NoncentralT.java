package dev.coppice.crypto.privacy.audit;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.LogGamma;

/**
 * {@code (Z + shift) / U}, with a standard normal {@code Z} and {@code U^2} a chi-square over its degrees of freedom: what
 * the t statistic of two Gaussian samples is whose means differ.
 */
final class NoncentralT {
    private static final int STEPS = 400;
    private static final double DEVIATIONS = 12;

    private final double from;
    private final double step;
    private final double[] weights = new double[STEPS + 1];

    /** @param degrees of freedom, at least 1 */
    NoncentralT(int degrees) {
        double reach = DEVIATIONS / Math.sqrt(2.0 * degrees);
        from = Math.max(0, 1 - reach);
        step = (1 + reach - from) / STEPS;
        double half = degrees / 2.0;
        double constant = Math.log(2) + half * Math.log(half) - LogGamma.value(half);
        for (int i = 0; i <= STEPS; i++) {
            double u = from + i * step;
            double log = constant + (degrees == 1 ? 0 : (degrees - 1) * Math.log(u)) - half * u * u;
            double simpson = i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2;
            weights[i] = simpson * step / 3 * Math.exp(log);
        }
    }

    /** The probability of {@code t} or more. */
    double above(double t, double shift) {
        double sum = 0;
        for (int i = 0; i <= STEPS; i++) {
            if (weights[i] > 0) { // and t, which may be infinite, is not multiplied by 0
                double z = t * (from + i * step) - shift;
                sum += weights[i] * 0.5 * Erfc.value(z / Math.sqrt(2));
            }
        }
        return sum;
    }
}
