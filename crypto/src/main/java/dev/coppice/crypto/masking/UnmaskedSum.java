package dev.coppice.crypto.masking;

import java.util.List;

/** The sum of a round, and what devices did wrong with shares. */
public final class UnmaskedSum {
    private final int[] values;
    private final List<Fault> faults;

    UnmaskedSum(int[] values, List<Fault> faults) {
        this.values = values;
        this.faults = List.copyOf(faults);
    }

    /** A copy, each value from 0 to below {@code 2^bits}. */
    public int[] values() {
        return values.clone();
    }

    /** What can be proven; the sum is right all the same. */
    public List<Fault> faults() {
        return faults;
    }
}
