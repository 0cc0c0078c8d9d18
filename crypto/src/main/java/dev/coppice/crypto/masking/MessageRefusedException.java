package dev.coppice.crypto.masking;

/** A device's message that the server does not take; the text names the rule and holds nothing of the content. */
public final class MessageRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    MessageRefusedException(String reason) {
        super(reason);
    }
}
