package dev.coppice.agent.upload;

/** The steps of a round that a device takes, in order. */
public enum Step {
    CHECK_IN,
    TRAIN,
    ADVERTISE,
    SHARES,
    MASKED_INPUT,
    ATTEST,
    UNMASK
}
