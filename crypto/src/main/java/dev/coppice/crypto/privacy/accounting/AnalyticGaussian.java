package dev.coppice.crypto.privacy.accounting;

import java.util.OptionalDouble;

/** The exact cost of Gaussian noise, and of nothing else, in closed form: Balle and Wang 2018, theorem 8. */
public final class AnalyticGaussian implements Accountant {
    private static final AnalyticGaussian USUAL = new AnalyticGaussian();
    private static final int HALVINGS = 200;

    private AnalyticGaussian() {}

    /** The one there is. */
    public static AnalyticGaussian usual() {
        return USUAL;
    }

    @Override
    public double epsilon(PrivacyEvent event, double delta) throws EventNotSupportedException {
        return epsilonOf(multiplier(event), delta);
    }

    @Override
    public double delta(PrivacyEvent event, double epsilon) throws EventNotSupportedException {
        return deltaOf(multiplier(event), epsilon);
    }

    /** The least noise multiplier of one release that keeps ({@code epsilon}, {@code delta}). */
    public static double leastMultiplier(double epsilon, double delta) {
        requireDelta(delta);
        double low = 1e-9;
        double high = 1e9;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = Math.sqrt(low * high);
            if (deltaOf(middle, epsilon) > delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double multiplier(PrivacyEvent event) throws EventNotSupportedException {
        OptionalDouble multiplier = GaussianEvents.multiplier(event);
        Refusals.ifNeeded(event, "analytic", multiplier.isEmpty());
        return multiplier.orElseThrow();
    }

    private static double epsilonOf(double multiplier, double delta) {
        requireDelta(delta);
        if (multiplier == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double high = 1;
        while (deltaOf(multiplier, high) > delta) {
            high *= 2;
        }
        double low = 0;
        if (deltaOf(multiplier, 0) <= delta) {
            return 0;
        }
        for (int i = 0; i < HALVINGS && low < high; i++) {
            double middle = (low + high) / 2;
            if (deltaOf(multiplier, middle) > delta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double deltaOf(double multiplier, double epsilon) {
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("Epsilon must be 0 or more, not " + epsilon);
        }
        if (multiplier == 0) {
            return 1;
        }
        if (multiplier == Double.POSITIVE_INFINITY || epsilon == Double.POSITIVE_INFINITY) {
            return 0;
        }
        double with = epsilon * multiplier - 1 / (2 * multiplier);
        double without = epsilon * multiplier + 1 / (2 * multiplier);
        double logRatio = epsilon + Normal.logAbove(without) - Normal.logAbove(with);
        return Math.max(0, Normal.above(with) * -Math.expm1(logRatio));
    }

    private static void requireDelta(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("Delta must be above 0 and below 1, not " + delta);
        }
    }
}
