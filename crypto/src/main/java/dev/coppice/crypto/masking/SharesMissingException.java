package dev.coppice.crypto.masking;

/** Too few good shares have come in to take the masks off: wait for more devices, or abandon the round. */
public final class SharesMissingException extends Exception {
    private static final long serialVersionUID = 1L;

    SharesMissingException(String reason) {
        super(reason);
    }
}
