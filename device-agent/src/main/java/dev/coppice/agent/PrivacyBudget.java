package dev.coppice.agent;

/**
 * What a device's owner allows to be learned about the device, over its whole life and all rounds.
 *
 * @param epsilonMax most epsilon at {@code delta}, of all rounds together
 * @param delta above 0 and below 1
 * @param noiseMultiplierMin least effective noise multiplier of any round
 */
public record PrivacyBudget(double epsilonMax, double delta, double noiseMultiplierMin) {
    /** Epsilon at most 8 at delta 1e-8, whatever the number of rounds. */
    public static final PrivacyBudget DEFAULT = new PrivacyBudget(8, 1e-8, 0.3);

    /** @throws IllegalArgumentException if a value is out of range */
    public PrivacyBudget {
        if (!(epsilonMax > 0) || !(delta > 0 && delta < 1) || !(noiseMultiplierMin >= 0)) {
            throw new IllegalArgumentException("a privacy budget out of range");
        }
    }

    /** No limit: rounds without noise are fine. For measuring what privacy costs, on text that may be known. */
    public static PrivacyBudget insecureUnlimited() {
        return new PrivacyBudget(Double.POSITIVE_INFINITY, DEFAULT.delta(), 0);
    }
}
