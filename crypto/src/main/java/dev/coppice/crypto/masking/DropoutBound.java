package dev.coppice.crypto.masking;

/** How large the drop-out bound of a round must be so that it is rarely abandoned. */
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
        if (!(probability >= 0 && probability < 1) || cohort < 1 || !(abortProbability > 0 && abortProbability < 1)) {
            throw new IllegalArgumentException("Out of range: probability, cohort or abortProbability");
        }
        if (probability == 0) {
            return 0;
        }
        double moreThanBound = 0; // P[drop-outs > bound]
        int bound = cohort;
        while (bound > 0) {
            moreThanBound += binomial(cohort, bound, probability);
            if (moreThanBound >= abortProbability) {
                break;
            }
            bound--;
        }
        return (double) bound / cohort;
    }

    private static double binomial(int trials, int successes, double probability) {
        return Math.exp(LogGamma.logFactorial(trials)
                - LogGamma.logFactorial(successes)
                - LogGamma.logFactorial(trials - successes)
                + successes * Math.log(probability)
                + (trials - successes) * Math.log1p(-probability));
    }
}
