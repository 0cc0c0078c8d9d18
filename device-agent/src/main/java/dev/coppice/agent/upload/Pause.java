package dev.coppice.agent.upload;

import java.time.Duration;

/** How the agent waits. A simulated world hands in its own. */
@FunctionalInterface
public interface Pause {
    /**
     * Blocks the caller's thread.
     *
     * @param length not negative
     * @throws InterruptedException if the thread was interrupted; the agent then leaves what it was doing
     */
    void sleep(Duration length) throws InterruptedException;

    /** Waits in real time. */
    static Pause real() {
        return length -> Thread.sleep(length.toMillis());
    }
}
