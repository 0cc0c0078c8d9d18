package dev.coppice.aggregator.store;

/** A message that was stored is not where it should be, or not as it was. */
public final class MessageLostException extends RuntimeException {
    /** @param where it should be */
    public MessageLostException(String where) {
        super("A message is lost: " + where);
    }
}
