package dev.coppice.aggregator.task;

/** A task that cannot be run as it is defined. The message says why, for the operator. */
public final class TaskRefusedException extends Exception {
    public TaskRefusedException(String reason) {
        super(reason);
    }
}
