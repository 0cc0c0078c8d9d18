package dev.coppice.crypto.privacy;

import dev.coppice.protocol.round.Cohort;

/**
 * How large a cohort may be, and how many of its devices may fail it.
 *
 * @param sizeMin devices, at least 1
 * @param sizeMax devices, at least {@code sizeMin}, at most 10^6
 * @param dropoutBound part of the cohort that may be missing from the sum, 0 to below 1
 * @param corruptionBound part of the cohort that may add no noise or tell it to the aggregator, 0 to below 1
 */
public record CohortBounds(int sizeMin, int sizeMax, double dropoutBound, double corruptionBound) {
    private static final int SIZE_MAX = 1_000_000;
    /** Makes {@code bound * n} err towards fewer honest devices where it is whole but for rounding. */
    private static final double ROUNDING = 1e-9;

    public CohortBounds {
        if (sizeMin < 1 || sizeMax < sizeMin || sizeMax > SIZE_MAX) {
            throw new IllegalArgumentException("Not possible as a cohort's sizes: " + sizeMin + " to " + sizeMax);
        }
        if (!(dropoutBound >= 0 && corruptionBound >= 0 && dropoutBound + corruptionBound < 1)) {
            throw new IllegalArgumentException(
                    "Nobody is left with drop-outs " + dropoutBound + " and corruptions " + corruptionBound);
        }
    }

    /**
     * The bounds in {@code message}, every one checked.
     *
     * @throws IllegalArgumentException if a field is out of range
     */
    public static CohortBounds of(Cohort message) {
        return new CohortBounds(
                message.getSizeMin(), message.getSizeMax(), message.getDropoutBound(), message.getCorruptionBound());
    }

    /** The fewest devices that a sum over a cohort of {@code size} may have: {@code ceil((1 - dropoutBound) * size)}. */
    public int survivorsMin(int size) {
        return size - (int) Math.floor(dropoutBound * size + ROUNDING);
    }

    /**
     * The fewest devices whose noise is sure to be in a sum and unknown to the aggregator, over all permitted sizes.
     * Not always that of the smallest size, because {@code floor} makes steps.
     */
    public int honestMin() {
        int fewest = Integer.MAX_VALUE;
        for (int size = sizeMin; size <= sizeMax; size++) {
            fewest = Math.min(fewest, survivorsMin(size) - (int) Math.floor(corruptionBound * size + ROUNDING));
        }
        return fewest;
    }
}
