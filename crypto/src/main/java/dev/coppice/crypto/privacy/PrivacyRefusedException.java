package dev.coppice.crypto.privacy;

/** A privacy goal that cannot be kept, or terms that do not keep what they promise. The message says why. */
public final class PrivacyRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public PrivacyRefusedException(String reason) {
        super(reason);
    }
}
