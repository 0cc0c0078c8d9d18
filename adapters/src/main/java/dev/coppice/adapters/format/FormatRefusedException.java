package dev.coppice.adapters.format;

/** A file of adapter weights that is damaged, too large or not what was expected; nothing of it was used. */
public final class FormatRefusedException extends Exception {
    public FormatRefusedException(String reason) {
        super(reason);
    }

    public FormatRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
