package dev.coppice.aggregator.store;

import java.time.Instant;

/** What is forgotten after a while, or when a device asks for it. For any number of threads and processes. */
public interface RetentionStore {
    /**
     * Forgets who took part in which steps of rounds that are over.
     *
     * @param endedBefore by their last deadline
     * @return how many steps
     */
    int forgetSteps(Instant endedBefore);

    /** Forgets participations from devices' accounts. @return how many */
    int forgetParts(Instant takenBefore);

    /**
     * Deletes a device: its key and certificate, its account, what was proven against it, and its part in rounds that are
     * over. In a round that is open it has dropped out; that goes with {@link #forgetSteps}. Sums that it is in stay.
     *
     * @return false if there is none
     */
    boolean forgetDevice(String deviceId);
}
