package dev.coppice.aggregator.store;

import java.util.Optional;

/** Which populations may not train. For any number of threads and processes. */
public interface HaltStore {
    /**
     * What was decided last for a population.
     *
     * @param sequence 1 or more; rises by one with each change
     * @param because for operators, up to 1,000 characters
     */
    record StoredHalt(String population, long sequence, boolean halted, String because) {}

    /** The last decision; empty if there was none. */
    Optional<StoredHalt> findHalt(String population);

    /**
     * Puts a decision in place of the one before.
     *
     * @return false, with nothing changed, unless its sequence is the next one
     */
    boolean putHalt(StoredHalt next);
}
