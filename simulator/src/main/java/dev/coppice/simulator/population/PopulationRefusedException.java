package dev.coppice.simulator.population;

/** Input that no population can be made of; the message is one clear sentence for the person who named the file. */
public final class PopulationRefusedException extends Exception {
    public PopulationRefusedException(String reason) {
        super(reason);
    }

    public PopulationRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
