package dev.coppice.aggregator.enrolment;

import java.time.Duration;

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
        CONFLICT,
        /** One of too many in too short a time. */
        TOO_MANY
    }

    private final Kind kind;
    private final Duration retryAfter;

    public RequestRefusedException(Kind kind, String reason) {
        this(kind, reason, Duration.ZERO);
    }

    private RequestRefusedException(Kind kind, String reason, Duration retryAfter) {
        super(reason);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    /** Of a sender who may come again after some time. */
    public static RequestRefusedException tooMany(Duration retryAfter) {
        return new RequestRefusedException(Kind.TOO_MANY, "Too many requests: come again later", retryAfter);
    }

    /** When the same request may be taken; zero if that is no matter of time. */
    public Duration retryAfter() {
        return retryAfter;
    }

    public Kind kind() {
        return kind;
    }
}
