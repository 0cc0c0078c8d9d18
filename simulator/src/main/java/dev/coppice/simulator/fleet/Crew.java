package dev.coppice.simulator.fleet;

import java.io.IOException;
import java.util.List;

/**
 * Other processes that take parts of a fleet's work: each piece of it gives the same wherever it is done, so that who does it,
 * and whether it is done twice, makes no difference.
 */
@FunctionalInterface
public interface Crew {
    /**
     * Has all pieces done.
     *
     * @return what came of each, in their order
     */
    List<byte[]> work(List<byte[]> pieces) throws IOException, InterruptedException;
}
