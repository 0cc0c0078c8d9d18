package dev.coppice.aggregator.store;

import java.time.Instant;
import java.util.List;

/**
 * What devices took part in: a copy of their ledgers as far as this aggregator can know. Entries come with
 * {@link RoundStore#takeInput}. For any number of threads and processes.
 */
public interface LedgerStore {
    /**
     * One device's part in one round.
     *
     * @param taken when its masked input was taken, in whole milliseconds
     * @param noiseMultiplier of the round; 0 if it had no noise
     */
    record Part(String roundId, Instant taken, double noiseMultiplier) {}

    /** The rounds that a masked input of a device was taken for, abandoned ones too; ascending by time. */
    List<Part> parts(String deviceId);
}
