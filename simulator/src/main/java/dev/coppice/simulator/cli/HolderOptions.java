package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.Signatory;
import dev.coppice.simulator.signer.KeyFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who signs: private keys and the passphrase that opens them. */
final class HolderOptions {
    @Option(names = "--key", paramLabel = "FILE", description = "a holder's private keys, NAME.pem; repeatable")
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "file with the passphrase in its first line (default: asks on the terminal)")
    private Optional<Path> passphraseFile = Optional.empty();

    /** What is done with opened keys. */
    interface Work {
        int with(List<Signatory> holders) throws IOException, InterruptedException;
    }

    /** Does it; the keys are wiped afterwards. */
    int work(Work work) throws IOException, InterruptedException {
        List<Signatory> holders = new ArrayList<>();
        try {
            for (Path key : keys) {
                holders.add(KeyFile.read(key, Passphrases.read(passphraseFile, "Passphrase of " + key + ": ")));
            }
            return work.with(List.copyOf(holders));
        } finally {
            holders.forEach(Signatory::close);
        }
    }
}
