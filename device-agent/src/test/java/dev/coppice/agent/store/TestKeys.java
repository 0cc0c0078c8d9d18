package dev.coppice.agent.store;

import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.testkit.SeededBytes;

/** A home's key that is known to all, for tests of what lies in the home. */
public final class TestKeys {
    public static final StorageKey STORAGE = StorageKey.of(secret(), new SeededBytes(5)::fill);

    private TestKeys() {}

    private static byte[] secret() {
        byte[] secret = new byte[StorageKey.SECRET_BYTES];
        new SeededBytes(4).fill(secret);
        return secret;
    }
}
