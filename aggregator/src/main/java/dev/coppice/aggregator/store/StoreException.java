package dev.coppice.aggregator.store;

/** The store could not do its work, and nothing was changed. Worth another attempt. */
public final class StoreException extends RuntimeException {
    public StoreException(String what) {
        super(what);
    }

    public StoreException(String what, Throwable cause) {
        super(what, cause);
    }
}
