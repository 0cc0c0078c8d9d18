package dev.coppice.adapters.onnx;

/**
 * A graph that cannot be read, specialised or differentiated: it is damaged, or uses what is not supported.
 * Unchecked because it crosses every rule of every operator; {@code KitBuilder} and {@code Kit} turn it into their
 * checked refusal.
 */
public final class GraphRefusedException extends RuntimeException {
    private final boolean located;

    public GraphRefusedException(String reason) {
        super(reason);
        this.located = false;
    }

    public GraphRefusedException(String reason, Throwable cause) {
        super(reason, cause);
        this.located = false;
    }

    private GraphRefusedException(String node, GraphRefusedException reason) {
        super(node + ": " + reason.getMessage(), reason);
        this.located = true;
    }

    /** The same refusal with the node of the model where it arose, unless that is known already. */
    public GraphRefusedException at(String node) {
        return located || node.isEmpty() ? this : new GraphRefusedException(node, this);
    }
}
