package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import java.nio.charset.StandardCharsets;

/** What a round is remembered by when its messages are gone. */
final class Transcript {
    private static final byte[] LABEL = "coppice/v1/TRANSCRIPT\0".getBytes(StandardCharsets.US_ASCII);

    private Transcript() {}

    /**
     * The SHA-256 of {@code "coppice/v1/TRANSCRIPT"}, a zero byte, the hash of the terms, the root of the roster, and the hash
     * of what was stated of the survivors. Each member was shown all three.
     */
    static byte[] hash(byte[] terms, byte[] root, byte[] survivors) {
        return Sha256.hash(LABEL, terms, root, survivors);
    }
}
