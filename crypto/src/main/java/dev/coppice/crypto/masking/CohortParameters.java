package dev.coppice.crypto.masking;

/**
 * How many neighbours each device of a cohort has, and how many of them it takes to recover a secret of it. Found by the
 * search of Bell et al. (ePrint 2020/704, section 3 and appendix), as Google's {@code graph_parameter_finder} does it.
 *
 * @param size devices in the cohort
 * @param degree neighbours of each; even, or {@code size - 1} where all are neighbours
 * @param threshold shares that recover a secret; more than half of the degree and the bad neighbours together, so that
 *     a lying server cannot collect enough of both secrets of a device
 */
public record CohortParameters(int size, int degree, int threshold) {
    /** Up to here all are neighbours of all: smaller rings would often fail the devices' own check of the survivors. */
    private static final int COMPLETE_SIZE_MAX = 33;

    private static final int RING_DEGREE_MIN = 32;

    /** Sum of rates above which no parameters make sense: of bad devices, and twice of those that drop out. */
    private static final double RATES_MAX = 0.9;

    public CohortParameters {
        if (degree < 1 || degree >= size || threshold < 1 || threshold > degree) {
            throw new IllegalArgumentException(
                    "No graph: size %d, degree %d, threshold %d".formatted(size, degree, threshold));
        }
    }

    /**
     * The parameters for a server that may lie about who dropped out: less than 2^-40 to break the privacy of any
     * device, less than 2^-20 to be unable to finish while at most {@code dropoutBound} of the cohort drop out.
     *
     * @param size devices in the cohort, at least 3
     * @param corruptionBound share of the cohort that may work with the server, from 0
     * @param dropoutBound share of the cohort that may drop out after advertising, from 0
     * @throws CohortRefusedException if no graph keeps the bounds
     */
    public static CohortParameters search(int size, double corruptionBound, double dropoutBound)
            throws CohortRefusedException {
        boolean possible = corruptionBound >= 0 && dropoutBound >= 0 && corruptionBound + 2 * dropoutBound <= RATES_MAX;
        if (size < TermsRules.COHORT_SIZE_MIN || !possible) {
            throw new CohortRefusedException("No graph of %d devices bears %.3f bad ones and %.3f drop-outs"
                    .formatted(size, corruptionBound, dropoutBound));
        }
        GraphSearch search = new GraphSearch(size, corruptionBound, dropoutBound, true);
        if (size > COMPLETE_SIZE_MAX) {
            var ring = search.findRing(RING_DEGREE_MIN);
            if (ring.isPresent()) {
                return ring.get();
            }
        }
        return search.findComplete()
                .orElseThrow(() ->
                        new CohortRefusedException("No threshold for %d devices bears %.3f bad ones and %.3f drop-outs"
                                .formatted(size, corruptionBound, dropoutBound)));
    }

    /** Whether every device is every other's neighbour. */
    boolean complete() {
        return degree == size - 1;
    }
}
