package dev.coppice.adapters.transfer;

/** Bytes that are no encoding of a file, or of a longer one than expected. */
public final class CodingRefusedException extends Exception {
    CodingRefusedException(String what) {
        super(what);
    }
}
