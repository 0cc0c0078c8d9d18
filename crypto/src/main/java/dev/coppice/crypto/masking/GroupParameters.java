package dev.coppice.crypto.masking;

/**
 * How many neighbours each device of a group has, and how many of them it takes to recover a secret of it. Found by the
 * search of Bell et al. (ePrint 2020/704, section 3 and appendix), as Google's {@code graph_parameter_finder} does it.
 *
 * @param size devices in the group
 * @param bad devices among them that may work with the server
 * @param degree neighbours of each; even, or {@code size - 1} where all are neighbours
 * @param threshold shares that recover a secret; more than half of the degree and the bad neighbours together, so that
 *     a lying server cannot collect enough of both secrets of a device
 */
public record GroupParameters(int size, int bad, int degree, int threshold) {
    /** Up to here all are neighbours of all: smaller rings would often fail the devices' own check of the survivors. */
    private static final int COMPLETE_SIZE_MAX = 33;

    private static final int RING_DEGREE_MIN = 32;

    /** Sum of rates above which no parameters make sense: of bad devices, and twice of those that drop out. */
    private static final double RATES_MAX = 0.9;

    public GroupParameters {
        if (bad < 0 || bad > size || degree < 1 || degree >= size || threshold < 1 || threshold > degree) {
            throw new IllegalArgumentException(
                    "No graph: size %d, bad %d, degree %d, threshold %d".formatted(size, bad, degree, threshold));
        }
    }

    /**
     * The parameters for a server that may lie about who dropped out: less than 2^-40 to break the privacy of any
     * device, less than 2^-20 to be unable to finish while at most {@code dropoutBound} of the group drop out.
     *
     * @param size devices in the group, at least 3
     * @param bad devices of it that may work with the server, from 0
     * @param dropoutBound share of the group that may drop out after advertising, from 0
     * @throws CohortRefusedException if no graph keeps the bounds
     */
    static GroupParameters search(int size, int bad, double dropoutBound) throws CohortRefusedException {
        boolean possible = dropoutBound >= 0 && bad + 2 * dropoutBound * size <= RATES_MAX * size;
        if (size >= TermsRules.COHORT_SIZE_MIN && bad >= 0 && possible) {
            GraphSearch search = new GraphSearch(size, bad, dropoutBound, true);
            if (size > COMPLETE_SIZE_MAX) {
                var ring = search.findRing(RING_DEGREE_MIN);
                if (ring.isPresent()) {
                    return ring.get();
                }
            }
            var complete = search.findComplete();
            if (complete.isPresent()) {
                return complete.get();
            }
        }
        throw new CohortRefusedException(
                "No graph of %d devices bears %d bad ones and %.3f drop-outs".formatted(size, bad, dropoutBound));
    }

    /** Whether every device is every other's neighbour. */
    boolean complete() {
        return degree == size - 1;
    }
}
