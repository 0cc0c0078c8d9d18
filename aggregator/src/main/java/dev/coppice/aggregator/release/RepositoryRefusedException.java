package dev.coppice.aggregator.release;

/** Metadata that devices could not use. The message says why, for the operator. */
public final class RepositoryRefusedException extends Exception {
    public RepositoryRefusedException(String reason) {
        super(reason);
    }
}
