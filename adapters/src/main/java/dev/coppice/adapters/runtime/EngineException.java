package dev.coppice.adapters.runtime;

/** The native engine refused, or training diverged (a loss or gradient that is not finite). Messages hold no user text. */
public final class EngineException extends Exception {
    public EngineException(String reason) {
        super(reason);
    }

    public EngineException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
