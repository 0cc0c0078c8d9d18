package dev.coppice.adapters.merge;

/** Uploads that cannot be merged, or a merge rule that cannot work where it was asked to; nothing was changed. */
public final class MergeRefusedException extends Exception {
    public MergeRefusedException(String reason) {
        super(reason);
    }
}
