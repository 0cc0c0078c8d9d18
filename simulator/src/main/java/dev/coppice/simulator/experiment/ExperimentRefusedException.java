package dev.coppice.simulator.experiment;

/** An experiment that cannot be run as it was asked for, with what to change. */
public final class ExperimentRefusedException extends Exception {
    public ExperimentRefusedException(String message) {
        super(message);
    }
}
