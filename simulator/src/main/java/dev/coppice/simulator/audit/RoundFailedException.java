package dev.coppice.simulator.audit;

/** A round of an audit did not come to its sum: a device or the server refused. */
public final class RoundFailedException extends Exception {
    RoundFailedException(int round, Exception cause) {
        super("Round " + round + " of the audit came to no sum: " + cause.getMessage(), cause);
    }
}
