package dev.coppice.simulator.cli;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.simulator.signer.KeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coppice pack keys}: makes holders' keys, on a machine that is not the aggregator's. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Makes the keys of those who sign root and targets.",
        description = {
            "Makes for each holder NAME.pem (private, encrypted by a passphrase) and NAME.pub.json. A repository has the",
            "holders root-1 to root-5, release, evaluation and security. In earnest each makes keys on a machine of their own",
            "and hands over NAME.pub.json alone."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack keys --holder release --dir ./keys",
            "  coppice pack keys --dir ./keys --passphrase-file ./passphrase     all eight, for a trial"
        })
final class KeysCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--holder",
            paramLabel = "NAME",
            description = "whose keys to make; repeatable (default: all eight)")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "keys",
            description = "folder for the files (default: ${DEFAULT-VALUE})")
    private Path dir = Path.of("keys");

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "file with the passphrase in its first line (default: asks on the terminal)")
    private Optional<Path> passphraseFile = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(dir);
        for (String name : names.isEmpty() ? HolderNames.ALL : names) {
            char[] passphrase = Passphrases.read(passphraseFile, "New passphrase of " + name + ": ");
            try (Signatory holder = Signatory.generate(RandomSource.secure())) {
                KeyFile.write(dir.resolve(name + ".pem"), holder, passphrase, RandomSource.secure());
                Files.write(HolderNames.publicFile(dir, name), holder.keys().toJson());
            }
            spec.commandLine().getOut().println("made " + dir.resolve(name + ".pem"));
        }
        return 0;
    }
}
