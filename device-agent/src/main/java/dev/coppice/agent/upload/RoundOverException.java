package dev.coppice.agent.upload;

import dev.coppice.protocol.round.Over;

/** The round needs nothing more from this device, or did not wait for it. */
public final class RoundOverException extends Exception {
    private final Over.Code code;

    RoundOverException(Over.Code code) {
        super("the aggregator says of the round: " + code.name());
        this.code = code;
    }

    /** What the aggregator says became of the round. */
    public Over.Code code() {
        return code;
    }
}
