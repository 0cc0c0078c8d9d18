package dev.coppice.aggregator.round;

import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.ServerNoise;

/** The sum of one group's encoded updates, without masks. Immutable. */
public final class GroupSum {
    private final int group;
    private final int devices;
    private final int[] values;

    /**
     * @param group its number in its cohort
     * @param devices that are in it, at least 1
     * @param values sums mod 2^bits; copied
     */
    public GroupSum(int group, int devices, int[] values) {
        this.group = group;
        this.devices = devices;
        this.values = values.clone();
    }

    /** Devices that are in it. */
    public int devices() {
        return devices;
    }

    /** A copy. */
    int[] values() {
        return values.clone();
    }

    /** The same with the noise of a server that is trusted to add it. */
    GroupSum noised(ServerNoise noise, NoisePlan plan, String roundId) {
        int[] noised = values();
        noise.addTo(noised, plan, roundId, group);
        return new GroupSum(group, devices, noised);
    }
}
