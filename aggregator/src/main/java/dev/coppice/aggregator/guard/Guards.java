package dev.coppice.aggregator.guard;

import java.io.IOException;

/** Hears how packs do. For any number of threads. */
@FunctionalInterface
public interface Guards {
    /**
     * A round of metrics has told; it may tell the same again, should this process end meanwhile.
     *
     * @throws IOException if nothing could be done about it: the round tells again
     */
    void told(PackFigures figures) throws IOException;
}
