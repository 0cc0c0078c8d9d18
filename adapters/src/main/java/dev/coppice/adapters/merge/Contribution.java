package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;

/**
 * What one device uploaded, as the server may see it where there is no secure aggregation.
 *
 * @param uploaded the tensors that {@link MergeRule#upload} picked, after training
 * @param weight share of this device relative to the others, above 0: the number of its examples, or 1 for everybody
 */
public record Contribution(AdapterWeights uploaded, double weight) {
    /** @throws IllegalArgumentException if the weight is not a positive number */
    public Contribution {
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("a contribution's weight is a positive number");
        }
    }
}
