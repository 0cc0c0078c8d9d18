package dev.coppice.adapters.merge;

/**
 * How far a merge is from the mean of what the devices meant: {@code ||mean(s_i B_i A_i) - merged||}, Frobenius norm
 * over all modules together, a remainder counted as merged.
 *
 * @param absolute the norm, 0 or more
 * @param relative the same over {@code ||mean(s_i B_i A_i)||}; 0 if both are 0, infinite if only the mean is
 */
public record AggregationError(double absolute, double relative) {
    /** The error that goes with these two norms. */
    static AggregationError of(double absolute, double mean) {
        return new AggregationError(absolute, absolute == 0 ? 0 : absolute / mean);
    }
}
