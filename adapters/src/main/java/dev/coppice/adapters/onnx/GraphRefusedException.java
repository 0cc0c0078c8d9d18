package dev.coppice.adapters.onnx;

/**
 * A graph that cannot be read, specialised or differentiated: it is damaged, or uses what is not supported.
 * Unchecked because it crosses every rule of every operator; {@code KitBuilder} and {@code Kit} turn it into their
 * checked refusal.
 */
public final class GraphRefusedException extends RuntimeException {
    public GraphRefusedException(String reason) {
        super(reason);
    }

    public GraphRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
