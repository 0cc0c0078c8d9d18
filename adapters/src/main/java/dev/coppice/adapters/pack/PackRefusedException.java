package dev.coppice.adapters.pack;

/** A skill pack whose contents are damaged or do not fit the device's kit; nothing of it was used. */
public final class PackRefusedException extends Exception {
    public PackRefusedException(String reason) {
        super(reason);
    }

    public PackRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
