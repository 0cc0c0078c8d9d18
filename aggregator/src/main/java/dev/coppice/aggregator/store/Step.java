package dev.coppice.aggregator.store;

/** What a device does in a round, in this order. */
public enum Step {
    ADVERTISE(Phase.ADVERTISING),
    OPEN(Phase.OPENING),
    SHARES(Phase.SHARING),
    MASKED(Phase.MASKING),
    ATTEST(Phase.ATTESTING),
    UNMASK(Phase.UNMASKING);

    private final Phase phase;

    Step(Phase phase) {
        this.phase = phase;
    }

    /** Whether every member takes it, so that who missed it is out. */
    public boolean isForAll() {
        return this != OPEN;
    }

    /** The phase that takes this step's messages. */
    public Phase phase() {
        return phase;
    }
}
