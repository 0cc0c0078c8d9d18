package dev.coppice.crypto;

import java.security.SecureRandom;

/**
 * Where random bytes come from. Handed in wherever randomness is used, so that a simulation can be repeated; everything
 * that runs for a real person uses {@link #secure()}.
 */
@FunctionalInterface
public interface RandomSource {
    /** Overwrites all of {@code bytes} with fresh random ones. */
    void fill(byte[] bytes);

    /** A new array of {@code count} random bytes. */
    default byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        fill(bytes);
        return bytes;
    }

    /** The platform's cryptographically strong source; safe for use by several threads. */
    static RandomSource secure() {
        return new SecureRandom()::nextBytes;
    }
}
