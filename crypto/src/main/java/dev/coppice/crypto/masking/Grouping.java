package dev.coppice.crypto.masking;

/**
 * How a cohort is divided into groups of nearly equal size. Each group has a graph, survivors and a sum of its own; which
 * devices are in it is drawn by nobody's choice, as the places on the graph are.
 *
 * @param cohortSize devices in all
 * @param groups at least 1
 */
public record Grouping(int cohortSize, int groups) {
    /** ln of the chance that any group has more bad devices than reckoned with: 2^-42. */
    private static final double LOG_CHANCE = -42 * Math.log(2);

    public Grouping {
        if (groups < 1 || groups > cohortSize) {
            throw new IllegalArgumentException("Not possible: %d groups of %d devices".formatted(groups, cohortSize));
        }
    }

    /**
     * As many groups as have {@code groupSize} devices or more each.
     *
     * @param groupSize fewest devices in a group; one group if it is 0, or more than half of the cohort
     */
    public static Grouping of(int cohortSize, int groupSize) {
        return new Grouping(cohortSize, groupSize == 0 ? 1 : Math.max(1, cohortSize / groupSize));
    }

    /** Devices in the smallest group. */
    public int sizeMin() {
        return cohortSize / groups;
    }

    /** Devices in the largest group. */
    public int sizeMax() {
        return (cohortSize + groups - 1) / groups;
    }

    /** Devices in a group, from 0. */
    int size(int group) {
        return first(group + 1) - first(group);
    }

    /** The first of the places that belong to a group; places are numbered through all groups. */
    public int first(int group) {
        return (int) ((long) group * cohortSize / groups);
    }

    /**
     * The most bad devices that any group of a given size has, but for a chance of 2^-42; all of them if there is one
     * group. By the bound for drawing without replacement of Hoeffding (1963, "Probability inequalities for sums of
     * bounded random variables", theorems 1 and 4): of {@code s} devices, x or more are bad with a chance of at most
     * {@code exp(-s KL(x/s || bad/n))}.
     *
     * @param size devices in the group
     * @param corruptionBound share of the cohort that is bad, 0 to below 1
     */
    public int badMax(int size, double corruptionBound) {
        int bad = Rates.floor(corruptionBound, cohortSize);
        if (groups == 1 || bad == 0) {
            return bad;
        }
        double rate = (double) bad / cohortSize;
        double enough = (LOG_CHANCE - Math.log(groups)) / size;
        int few = (int) Math.floor(rate * size); // too few to be the bound
        int most = Math.min(bad, size); // enough
        while (few + 1 < most) {
            int middle = (few + most) / 2;
            if (-divergence((middle + 1.0) / size, rate) > enough) {
                few = middle;
            } else {
                most = middle;
            }
        }
        return most;
    }

    /** Kullback and Leibler's, of coins that show heads with chances {@code p} above {@code q}. */
    private static double divergence(double p, double q) {
        double tails = p == 1 ? 0 : (1 - p) * (Math.log1p(-p) - Math.log1p(-q));
        return p * Math.log(p / q) + tails;
    }
}
