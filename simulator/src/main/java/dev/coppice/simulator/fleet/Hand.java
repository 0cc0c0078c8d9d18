package dev.coppice.simulator.fleet;

import java.io.IOException;

/** Where a process gets the pieces of a fleet's work that it does for another. */
@FunctionalInterface
public interface Hand {
    /** What comes of a piece. */
    interface Work {
        byte[] of(byte[] piece) throws IOException, InterruptedException;
    }

    /** Does whatever pieces come, until it is interrupted. */
    void serve(Work work) throws IOException, InterruptedException;
}
