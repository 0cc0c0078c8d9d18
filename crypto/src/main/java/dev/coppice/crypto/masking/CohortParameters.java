package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.Cohort;

/**
 * How a cohort is divided, and the graph of each group. Sizes of groups differ by one at most, so that there are one or
 * two graphs.
 *
 * @param grouping of the cohort
 * @param smaller parameters of groups of {@link Grouping#sizeMin()} devices
 * @param larger parameters of groups of {@link Grouping#sizeMax()} devices
 */
public record CohortParameters(Grouping grouping, GroupParameters smaller, GroupParameters larger) {
    /**
     * The parameters of a cohort under the bounds of its terms.
     *
     * @param cohortSize devices in the cohort
     * @param groupSize fewest devices in a group; 0 for one group
     * @param corruptionBound share of the cohort that may work with the server, from 0
     * @param dropoutBound share of each group that may drop out after advertising, from 0
     * @throws CohortRefusedException if no graph keeps the bounds
     */
    public static CohortParameters search(int cohortSize, int groupSize, double corruptionBound, double dropoutBound)
            throws CohortRefusedException {
        if (cohortSize < TermsRules.COHORT_SIZE_MIN || !(corruptionBound >= 0 && corruptionBound < 1)) {
            throw new CohortRefusedException(
                    "No cohort has %d devices and %.3f bad ones".formatted(cohortSize, corruptionBound));
        }
        Grouping grouping = Grouping.of(cohortSize, groupSize);
        int least = grouping.sizeMin();
        int most = grouping.sizeMax();
        GroupParameters smaller = GroupParameters.search(least, grouping.badMax(least, corruptionBound), dropoutBound);
        GroupParameters larger = most == least
                ? smaller
                : GroupParameters.search(most, grouping.badMax(most, corruptionBound), dropoutBound);
        return new CohortParameters(grouping, smaller, larger);
    }

    static CohortParameters search(int cohortSize, Cohort bounds) throws CohortRefusedException {
        return search(cohortSize, bounds.getGroupSize(), bounds.getCorruptionBound(), bounds.getDropoutBound());
    }

    /** Devices in the cohort. */
    public int size() {
        return grouping.cohortSize();
    }

    /** The parameters of a group, from 0. */
    public GroupParameters of(int group) {
        return grouping.size(group) == smaller.size() ? smaller : larger;
    }

    /** Whether there is one group in which all are neighbours of all, so that no chance decides anything. */
    boolean isDecided() {
        return grouping.groups() == 1 && smaller.complete();
    }
}
