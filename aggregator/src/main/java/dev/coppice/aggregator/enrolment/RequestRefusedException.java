package dev.coppice.aggregator.enrolment;

/** A device's request that was not taken. The message is for the device: it names a rule, and nothing of the content. */
public final class RequestRefusedException extends Exception {
    /** The class of the error. */
    public enum Kind {
        /** Not the message that the endpoint takes. */
        MALFORMED,
        /** Longer than the endpoint takes. */
        TOO_LARGE,
        /** Not signed by an enrolled device. */
        UNAUTHENTICATED,
        /** Signed, but not allowed to this device or no longer. */
        FORBIDDEN,
        /** About something that is not there. */
        NOT_FOUND,
        /** Contradicts what was taken before, or came before its time. */
        CONFLICT
    }

    private final Kind kind;

    public RequestRefusedException(Kind kind, String reason) {
        super(reason);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
