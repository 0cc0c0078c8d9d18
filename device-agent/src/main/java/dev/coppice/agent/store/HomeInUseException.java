package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.file.Path;

/** Another agent, in this process or another, has the home open. */
public final class HomeInUseException extends IOException {
    /** @param home the folder that is in use */
    public HomeInUseException(Path home) {
        super("another agent has this home open: " + home + "; close it first, or give each agent a home of its own");
    }
}
