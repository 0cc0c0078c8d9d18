package dev.coppice.crypto.sealing;

/** Sealed bytes that do not open: not for this key, not in this context, or changed on the way. */
public final class SealBrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    SealBrokenException() {
        super("Sealed bytes do not open");
    }
}
