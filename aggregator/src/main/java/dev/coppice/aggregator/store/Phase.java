package dev.coppice.aggregator.store;

/** Where a round is, in this order; the last two are final. Each of the others takes the messages of one step. */
public enum Phase {
    ADVERTISING,
    OPENING,
    SHARING,
    MASKING,
    /** No more masked inputs are taken; which of them count is being found out. Only where they are in a log. */
    COLLECTING,
    ATTESTING,
    UNMASKING,
    COMPLETED,
    ABORTED;

    public boolean isOver() {
        return this == COMPLETED || this == ABORTED;
    }

    /** Whether a message of {@code step} may be taken now. */
    public boolean takes(Step step) {
        return this == step.phase();
    }

    /** Whether {@code step} is closed: what was not taken by now never will be. */
    public boolean isPast(Step step) {
        return compareTo(step.phase()) > 0;
    }
}
