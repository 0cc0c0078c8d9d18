package dev.coppice.aggregator.store;

import java.time.Instant;
import java.util.List;

/**
 * What devices last said of themselves, no finer than they say it. Every method is one transaction. For any number of threads
 * and processes.
 */
public interface FleetStore {
    /**
     * A device at its last check-in.
     *
     * @param seen in whole hours
     * @param agentVersion as {@code AgentVersions} has it; 0 if the device did not say
     * @param deviceClass empty if it did not say
     * @param examples name of an {@code ExampleCount}
     */
    record SeenDevice(
            String deviceId, String population, Instant seen, int agentVersion, String deviceClass, String examples) {}

    /** How many devices of a population are alike. */
    record FleetPart(String population, int agentVersion, String deviceClass, long devices) {}

    /**
     * Remembers a device in place of what was known of it.
     *
     * @return whether it had not been seen since then
     */
    boolean saw(SeenDevice device, Instant since);

    /** How many devices of a population were seen since then. */
    long devicesActive(String population, Instant since);

    /** Devices seen since then by population, version and class, in this order. */
    List<FleetPart> fleet(Instant since);
}
