package dev.coppice.aggregator.release;

/** A release that devices could not install. The message says why, for the operator. */
public final class ReleaseRefusedException extends Exception {
    public ReleaseRefusedException(String reason) {
        super(reason);
    }
}
