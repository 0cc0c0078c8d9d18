package dev.coppice.adapters.model;

/** A base model's folder that is incomplete, damaged or inconsistent; nothing of it was used. */
public final class ModelRefusedException extends Exception {
    public ModelRefusedException(String reason) {
        super(reason);
    }

    public ModelRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
