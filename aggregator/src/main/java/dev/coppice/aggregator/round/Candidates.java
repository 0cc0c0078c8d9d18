package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.StoredTask;
import java.io.IOException;

/** Hears of the adapters that rounds make. For any number of threads. */
@FunctionalInterface
public interface Candidates {
    /**
     * A round has made an adapter, which is the task's candidate now.
     *
     * @throws IOException if nothing could be done with it; the round is complete all the same
     */
    void made(StoredTask task, int round) throws IOException;
}
