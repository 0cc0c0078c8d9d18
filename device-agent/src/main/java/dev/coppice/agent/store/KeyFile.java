package dev.coppice.agent.store;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret in a file of its own. */
final class KeyFile {
    private KeyFile() {}

    static byte[] secret(Path home) throws IOException {
        Path file = home.resolve("key");
        if (!Files.exists(file)) {
            byte[] fresh = RandomSource.secure().bytes(StorageKey.SECRET_BYTES);
            PrivateFiles.replace(file, fresh);
            return fresh;
        }
        byte[] kept = PrivateFiles.readAtMost(file, StorageKey.SECRET_BYTES);
        if (kept.length != StorageKey.SECRET_BYTES) {
            throw new StoreBrokenException(file, "it is no key");
        }
        return kept;
    }
}
