package dev.coppice.crypto.privacy.accounting;

/** An accountant has no bound for an event. The message says which, and who has. */
public final class EventNotSupportedException extends Exception {
    private static final long serialVersionUID = 1L;

    EventNotSupportedException(String reason) {
        super(reason);
    }
}
