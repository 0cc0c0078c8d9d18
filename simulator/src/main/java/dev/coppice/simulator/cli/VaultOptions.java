package dev.coppice.simulator.cli;

import dev.coppice.agent.store.KeyVault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the key is that a home is encrypted with. */
final class VaultOptions {
    @Option(
            names = "--keystore",
            paramLabel = "FILE",
            description =
                    "PKCS#12 keystore with the key that the home is encrypted with (default: a key file in the home)")
    private Optional<Path> keystore = Optional.empty();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "file whose first line opens the keystore (default: asked for)")
    private Optional<Path> passphraseFile = Optional.empty();

    KeyVault vault() {
        return home -> {
            if (keystore.isEmpty()) {
                if (passphraseFile.isPresent()) {
                    throw new IOException("a passphrase is for a keystore: say --keystore");
                }
                return KeyVault.inHome().secret(home);
            }
            char[] passphrase = Passphrases.any(passphraseFile, "Passphrase of " + keystore.get() + ": ");
            return KeyVault.pkcs12(keystore.get(), () -> passphrase).secret(home);
        };
    }
}
