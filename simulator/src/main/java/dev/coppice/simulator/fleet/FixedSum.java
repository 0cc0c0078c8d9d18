package dev.coppice.simulator.fleet;

/**
 * A sum of updates that is the same in whatever order they come: in units of 2^-36, each value bounded by 10,000 so that
 * 10,000 devices do not overflow it. For any threads.
 */
final class FixedSum {
    private static final double ONE = 1L << 36;
    private static final double VALUE_MAX = 1e4;

    private final long[] sum;
    private int devices;

    FixedSum(int dimension) {
        sum = new long[dimension];
    }

    synchronized void add(float[] update) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += Math.round(Math.clamp((double) update[i], -VALUE_MAX, VALUE_MAX) * ONE);
        }
        devices++;
    }

    synchronized int devices() {
        return devices;
    }

    synchronized float[] mean() {
        float[] mean = new float[sum.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sum[i] / ONE / devices);
        }
        return mean;
    }
}
