package dev.coppice.crypto.transparency;

/** A log that cannot be believed: badly signed, without what it should have, or no continuation of what was seen. */
public final class LogRefusedException extends Exception {
    public LogRefusedException(String reason) {
        super(reason);
    }
}
