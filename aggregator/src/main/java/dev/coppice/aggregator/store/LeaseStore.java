package dev.coppice.aggregator.store;

import java.time.Instant;

/**
 * Who does a piece of work that any process could do. A lease saves work and guards nothing: its owner may be slow, and
 * others take it over by their own clocks. For any number of threads and processes.
 */
public interface LeaseStore {
    /**
     * Takes or renews a lease.
     *
     * @param name one of few
     * @return false, with nothing changed, if somebody else has it until after {@code now}
     */
    boolean claim(String name, String owner, Instant now, Instant until);

    /** Gives all leases of an owner back. */
    void release(String owner);
}
