package dev.coppice.simulator.extension;

import java.util.List;

/**
 * How the server makes one update of several. Under secure aggregation what it sees are the means of groups; without privacy,
 * the updates of single devices.
 */
public interface UpdateMerge extends Named {
    /**
     * What the server sees of a group.
     *
     * @param mean of the group's updates; to be left as it is
     * @param devices in it, at least 1
     */
    @SuppressWarnings("ArrayRecordComponent") // as many as there are devices: not copied
    record Part(float[] mean, int devices) {}

    /**
     * Merges.
     *
     * @param parts at least one, in an order that says nothing
     * @return the update to apply, of the same length
     */
    float[] merge(List<Part> parts, Parameters parameters);

    /** Whether this is the plain mean over devices, for which no part need be kept. */
    default boolean isMean() {
        return false;
    }
}
