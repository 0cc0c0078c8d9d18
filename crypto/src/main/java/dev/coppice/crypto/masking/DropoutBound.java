package dev.coppice.crypto.masking;

/** How large the drop-out bound of a round must be so that it is rarely abandoned. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class DropoutBound {
    private DropoutBound() {}

    /**
     * The smallest bound, a multiple of {@code 1 / cohort}, that more devices exceed with a probability below
     * {@code abortProbability}, when each drops out by itself.
     *
     * @param probability that a device which advertised misses any one of the later steps, 0 to below 1
     * @param cohort devices in the cohort; the smallest expected, for small cohorts vary the most
     * @param abortProbability for example 0.01
     */
    public static double forDropout(double probability, int cohort, double abortProbability) {
        throw new UnsupportedOperationException();
    }
}
