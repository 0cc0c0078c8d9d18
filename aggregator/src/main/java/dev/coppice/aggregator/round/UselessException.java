package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.AbortReason;

/** Sums of updates that are of no use. */
public final class UselessException extends Exception {
    private final AbortReason reason;

    UselessException(AbortReason reason) {
        super(reason.name());
        this.reason = reason;
    }

    public AbortReason reason() {
        return reason;
    }
}
