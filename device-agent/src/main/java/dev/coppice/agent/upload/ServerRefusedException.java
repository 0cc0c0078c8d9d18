package dev.coppice.agent.upload;

/** The aggregator answered, and the answer was no. Another attempt with the same request would not help. */
public final class ServerRefusedException extends Exception {
    private final int status;

    /** @param status HTTP status, 400 to 499 */
    public ServerRefusedException(String path, int status) {
        super("the aggregator answered " + status + " to " + path);
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
