package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Where the key of a home lives, which all else in the home is encrypted with. An app on a platform with a keystore of
 * its own (Android's, a TPM) implements this over it.
 */
@FunctionalInterface
public interface KeyVault {
    /**
     * The secret of a home, made the first time. Called under the home's lock, once for each time it is opened.
     *
     * @return 32 bytes, which the caller wipes
     * @throws StoreBrokenException if the vault holds something else
     * @throws IOException if the vault cannot be read, or does not open
     */
    byte[] secret(Path home) throws IOException;

    /**
     * A file {@code key} in the home, readable for its owner. It keeps other files of the home from being understood
     * alone, say in a backup that leaves this one out; not from someone who can read the whole home.
     */
    static KeyVault inHome() {
        return KeyFile::secret;
    }

    /**
     * A PKCS#12 keystore (RFC 7292) that a passphrase opens.
     *
     * @param file may be in the home or elsewhere; made if absent
     * @param passphrase asked for whenever a home is opened; what it gives is wiped
     */
    static KeyVault pkcs12(Path file, Supplier<char[]> passphrase) {
        return home -> KeystoreFile.secret(file, passphrase);
    }
}
