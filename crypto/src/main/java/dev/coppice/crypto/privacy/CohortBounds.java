package dev.coppice.crypto.privacy;

import dev.coppice.crypto.masking.Grouping;
import dev.coppice.protocol.round.Cohort;

/**
 * How large a cohort and its groups may be, and how many of its devices may fail it. Each group has a sum of its own, so
 * that noise and bits are reckoned for one group.
 *
 * @param sizeMin devices, at least 1
 * @param sizeMax devices, at least {@code sizeMin}, at most 10^6
 * @param groupSize fewest devices in a group, at most {@code sizeMin}; 0 where the cohort is one group
 * @param dropoutBound part of each group that may be missing from its sum, 0 to below 1
 * @param corruptionBound part of the cohort that may add no noise or tell it to the aggregator, 0 to below 1
 */
public record CohortBounds(int sizeMin, int sizeMax, int groupSize, double dropoutBound, double corruptionBound) {
    private static final int SIZE_MAX = 1_000_000;
    /** Makes {@code bound * n} err towards fewer honest devices where it is whole but for rounding. */
    private static final double ROUNDING = 1e-9;

    public CohortBounds {
        if (sizeMin < 1 || sizeMax < sizeMin || sizeMax > SIZE_MAX || groupSize < 0 || groupSize > sizeMin) {
            throw new IllegalArgumentException(
                    "Not possible: a cohort of " + sizeMin + " to " + sizeMax + " in groups of " + groupSize);
        }
        if (!(dropoutBound >= 0 && corruptionBound >= 0 && dropoutBound + corruptionBound < 1)) {
            throw new IllegalArgumentException(
                    "Nobody is left with drop-outs " + dropoutBound + " and corruptions " + corruptionBound);
        }
    }

    /** Bounds of a cohort that is one group. */
    public CohortBounds(int sizeMin, int sizeMax, double dropoutBound, double corruptionBound) {
        this(sizeMin, sizeMax, 0, dropoutBound, corruptionBound);
    }

    /**
     * The bounds in {@code message}, every one checked.
     *
     * @throws IllegalArgumentException if a field is out of range
     */
    public static CohortBounds of(Cohort message) {
        return new CohortBounds(
                message.getSizeMin(),
                message.getSizeMax(),
                message.getGroupSize(),
                message.getDropoutBound(),
                message.getCorruptionBound());
    }

    public Cohort toMessage() {
        return Cohort.newBuilder()
                .setSizeMin(sizeMin)
                .setSizeMax(sizeMax)
                .setGroupSize(groupSize)
                .setDropoutBound(dropoutBound)
                .setCorruptionBound(corruptionBound)
                .build();
    }

    /**
     * The fewest devices that all sums over a cohort of {@code size} may have together: of one group,
     * {@code ceil((1 - dropoutBound) * size)}. Of several it takes only one that does not fail.
     */
    public int survivorsMin(int size) {
        return survivors(Grouping.of(size, groupSize).sizeMin());
    }

    private int survivors(int size) {
        return size - (int) Math.floor(dropoutBound * size + ROUNDING);
    }

    /** The most devices in a group. */
    public int groupMax() {
        int most = 0;
        for (int size = sizeMin; size <= sizeMax; size++) {
            most = Math.max(most, Grouping.of(size, groupSize).sizeMax());
        }
        return most;
    }

    /**
     * The fewest devices whose noise is sure to be in a sum and unknown to the aggregator, over all permitted sizes.
     * Not always that of the smallest size, because {@code floor} makes steps. 0 and less if no noise is sure.
     */
    public int honestMin() {
        int fewest = Integer.MAX_VALUE;
        for (int size = sizeMin; size <= sizeMax; size++) {
            Grouping grouping = Grouping.of(size, groupSize);
            fewest = Math.min(fewest, honest(grouping, grouping.sizeMin()));
            fewest = Math.min(fewest, honest(grouping, grouping.sizeMax()));
        }
        return fewest;
    }

    private int honest(Grouping grouping, int size) {
        return survivors(size) - grouping.badMax(size, corruptionBound);
    }
}
