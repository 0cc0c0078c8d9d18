package dev.coppice.simulator.scenario;

/** A scenario that cannot be played. The message names the file, and the line and field of each fault. */
public final class ScenarioRefusedException extends Exception {
    /** @param message names what is at fault */
    public ScenarioRefusedException(String message) {
        super(message);
    }

    /** @param message names what is at fault */
    public ScenarioRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
