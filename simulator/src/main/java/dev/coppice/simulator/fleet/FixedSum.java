package dev.coppice.simulator.fleet;

import java.util.Arrays;

/**
 * A sum of updates of one length that is the same in whatever order they come: in units of 2^-36, each value bounded by 10,000 so
 * that 10,000 devices do not overflow it. For any threads.
 */
final class FixedSum {
    private static final double ONE = 1L << 36;
    private static final double VALUE_MAX = 1e4;

    private long[] sum = {}; // until the first
    private int devices;

    void add(float[] update) {
        long[] values = new long[update.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.round(Math.clamp((double) update[i], -VALUE_MAX, VALUE_MAX) * ONE);
        }
        add(values, 1);
    }

    /** @param more devices whose updates they are the sum of */
    synchronized void add(long[] values, int more) {
        if (more == 0) {
            return;
        }
        if (devices == 0) {
            sum = new long[values.length];
        }
        Arrays.setAll(sum, i -> sum[i] + values[i]);
        devices += more;
    }

    synchronized int devices() {
        return devices;
    }

    /** A copy, in those units. */
    synchronized long[] values() {
        return sum.clone();
    }

    synchronized float[] mean() {
        float[] mean = new float[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / ONE / devices);
        }
        return mean;
    }
}
