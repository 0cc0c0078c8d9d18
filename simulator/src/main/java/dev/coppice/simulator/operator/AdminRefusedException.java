package dev.coppice.simulator.operator;

import java.io.IOException;

/** The aggregator answered an operator's request with a refusal. */
public final class AdminRefusedException extends IOException {
    private final int status;

    /**
     * A refusal.
     *
     * @param status the HTTP status
     * @param reason what the aggregator said
     */
    public AdminRefusedException(String request, int status, String reason) {
        super("the aggregator refused " + request + " with status " + status + (reason.isBlank() ? "" : ": " + reason));
        this.status = status;
    }

    public int status() {
        return status;
    }
}
