package dev.coppice.protocol.codec;

/** Bytes that are not the message they should be, or more bytes than allowed. Its text holds nothing of the content. */
public final class MessageMalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MessageMalformedException(String reason) {
        super(reason);
    }
}
