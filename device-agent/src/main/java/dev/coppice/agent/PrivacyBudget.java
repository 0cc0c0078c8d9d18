package dev.coppice.agent;

import dev.coppice.crypto.privacy.PeriodBudget;
import java.time.Duration;

/**
 * What a device's owner allows to be learned about the device.
 *
 * @param inAnyPeriod by all rounds of all skills within any stretch of time of that length
 * @param noiseMultiplierMin least effective noise multiplier of any round, 0 or more
 */
public record PrivacyBudget(PeriodBudget inAnyPeriod, double noiseMultiplierMin) {
    private static final Duration LIFE = Duration.ofDays(36_525);

    /** Epsilon at most 8 at delta 1e-8 and at most 8 rounds, in any 90 days. */
    public static final PrivacyBudget DEFAULT = new PrivacyBudget(PeriodBudget.DEFAULT, 0.3);

    /** @throws IllegalArgumentException if the multiplier is out of range */
    public PrivacyBudget {
        if (!(noiseMultiplierMin >= 0)) {
            throw new IllegalArgumentException("a least noise multiplier of " + noiseMultiplierMin);
        }
    }

    /** So much epsilon in the device's whole life, in any number of rounds. */
    public static PrivacyBudget ever(double epsilonMax, double delta, double noiseMultiplierMin) {
        return new PrivacyBudget(new PeriodBudget(epsilonMax, delta, Long.MAX_VALUE, LIFE), noiseMultiplierMin);
    }

    /** No limit: rounds without noise are fine. For measuring what privacy costs, on text that may be known. */
    public static PrivacyBudget insecureUnlimited() {
        return ever(Double.POSITIVE_INFINITY, PeriodBudget.DEFAULT.delta(), 0);
    }
}
