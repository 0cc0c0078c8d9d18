package dev.coppice.crypto.internal;

import java.security.SecureRandom;

/**
 * Hands out given bytes in order, once: for platform algorithms that take their seed from a source of randomness only.
 */
final class FixedRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final transient byte[] given;
    private int at;

    /** @param given lent, not copied */
    FixedRandom(byte[] given) {
        super(null, null); // no provider: nothing else may answer in its place
        this.given = given;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        if (given.length - at < bytes.length) {
            throw new IllegalStateException("More randomness wanted than was given");
        }
        System.arraycopy(given, at, bytes, 0, bytes.length);
        at += bytes.length;
    }
}
