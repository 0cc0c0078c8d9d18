package dev.coppice.agent.policy;

import java.io.IOException;

/** Tells the state of the device now. Asked about once a second while the device works; safe for use by many threads. */
@FunctionalInterface
public interface ConditionSource {
    /**
     * The state now.
     *
     * @throws IOException if the device does not tell; it does not work then
     */
    Conditions now() throws IOException;
}
