package dev.coppice.simulator.fleet;

/** A sum of encoded updates mod 2^32, in whatever order they come: what the masks would have left. For any threads. */
final class RingSum {
    private final int[] sum;
    private int devices;

    RingSum(int paddedDimension) {
        sum = new int[paddedDimension];
    }

    /** @param more devices whose updates they are the sum of */
    synchronized void add(int[] encoded, int more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += encoded[i];
        }
        devices += more;
    }

    synchronized int devices() {
        return devices;
    }

    /** A copy. */
    synchronized int[] values() {
        return sum.clone();
    }
}
