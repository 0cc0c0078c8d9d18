package dev.coppice.crypto.masking;

/**
 * How many neighbours each device of a cohort has, and how many of them it takes to recover a secret of it.
 *
 * @param size devices in the cohort
 * @param degree neighbours of each; even, or {@code size - 1} where all are neighbours
 * @param threshold shares that recover a secret
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public record CohortParameters(int size, int degree, int threshold) {
    /**
     * The parameters for a server that may lie about who dropped out: fewer than 2^-40 to break the privacy of any
     * device, fewer than 2^-20 to be unable to finish while at most {@code dropoutBound} of the cohort drop out.
     *
     * @param size devices in the cohort
     * @param corruptionBound share of the cohort that may work with the server, 0 to 0.9
     * @param dropoutBound share of the cohort that may drop out after advertising, 0 to 0.45
     * @throws CohortRefusedException if no graph keeps the bounds
     */
    public static CohortParameters search(int size, double corruptionBound, double dropoutBound)
            throws CohortRefusedException {
        throw new UnsupportedOperationException();
    }
}
