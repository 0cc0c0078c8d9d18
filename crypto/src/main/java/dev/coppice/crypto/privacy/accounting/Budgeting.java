package dev.coppice.crypto.privacy.accounting;

import java.util.OptionalDouble;

/** Questions to an accountant the other way round: what noise a budget takes, and how often it still allows something. */
public final class Budgeting {
    private static final double NOISE_MIN = 0.05;
    private static final double NOISE_MAX = 1e6;

    /** To a part in 10^7; an accountant of finite steps knows no more. */
    private static final double PRECISION = 1 + 1e-7;

    private Budgeting() {}

    /** An event for each noise. */
    @FunctionalInterface
    public interface EventOfNoise {
        PrivacyEvent with(double noise);
    }

    /**
     * The least noise at which {@code event} costs at most {@code epsilon}; empty if even 10^6 is too little.
     *
     * @param event whose cost falls with the noise
     */
    public static OptionalDouble leastNoise(Accountant accountant, EventOfNoise event, double epsilon, double delta)
            throws EventNotSupportedException {
        double low = NOISE_MIN;
        double high = 2 * NOISE_MIN;
        while (accountant.epsilon(event.with(high), delta) > epsilon) {
            low = high;
            high *= 2;
            if (high > NOISE_MAX) {
                return OptionalDouble.empty();
            }
        }
        while (high > low * PRECISION) {
            double middle = Math.sqrt(low * high);
            if (accountant.epsilon(event.with(middle), delta) > epsilon) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return OptionalDouble.of(high);
    }

    /**
     * How often {@code each} fits on top of {@code spent}: 0 to {@code most}.
     *
     * @return 0 also if {@code spent} is over already
     */
    public static long timesLeft(
            Accountant accountant, PrivacyEvent spent, PrivacyEvent each, double epsilon, double delta, long most)
            throws EventNotSupportedException {
        long fits = 0;
        long tooMany = 1;
        while (accountant.epsilon(spent.and(each.times(tooMany)), delta) <= epsilon) {
            fits = tooMany;
            if (fits >= most) {
                return most;
            }
            tooMany = Math.min(most, 2 * tooMany);
        }
        while (tooMany - fits > 1) {
            long middle = fits + (tooMany - fits) / 2;
            if (accountant.epsilon(spent.and(each.times(middle)), delta) <= epsilon) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }
}
