package dev.coppice.aggregator.store;

import java.util.List;

/**
 * What devices did wrong with shares, as signed messages prove. It stays when a round's messages go. For any number of
 * threads and processes.
 */
public interface FaultStore {
    /**
     * One fault.
     *
     * @param kind a name of {@code Fault.Kind}
     * @param other the device that it concerned; the same device where it concerned all
     */
    record ProvenFault(String deviceId, String roundId, String kind, String other) {}

    /** Records faults; those that are known already stay as they are. */
    void recordFaults(List<ProvenFault> faults);

    /** Whether anything is recorded of a device. */
    boolean isFaulty(String deviceId);

    /** All, by device and round. */
    List<ProvenFault> faults();
}
