package dev.coppice.adapters.kit;

/** A kit that cannot be made from this model, or that is not what its manifest says; nothing of it was used. */
public final class KitRefusedException extends Exception {
    public KitRefusedException(String reason) {
        super(reason);
    }

    public KitRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
