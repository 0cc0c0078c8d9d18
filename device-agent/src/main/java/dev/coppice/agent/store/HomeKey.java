package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Opens the key of a home. */
public final class HomeKey {
    private HomeKey() {}

    /**
     * The key of a home that the caller has locked. Its nonces come from the platform's secure source, a simulation's
     * too: nothing that is learned or sent depends on them.
     *
     * @throws IOException if the vault does not open, or cannot be read or written
     */
    @MustBeClosed
    public static StorageKey open(Path home, KeyVault vault) throws IOException {
        byte[] secret = vault.secret(home);
        try {
            return StorageKey.of(secret, RandomSource.secure());
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
