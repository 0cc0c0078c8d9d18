package dev.coppice.simulator.cli;

import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.simulator.signer.Desk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice pack sign}: adds holders' signatures to metadata, without any network. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Adds a holder's signatures to a draft of root or targets.",
        description = {"Needs no network: carry the file to the key, look at what it says, sign, and carry it back."},
        footerHeading = "%nExamples:%n",
        footer = {"  coppice pack sign targets.draft.json --key security.pem"})
final class SignCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "the draft; the signatures are added to it")
    private Path file = Path.of("draft.json");

    @Mixin
    private HolderOptions holders = new HolderOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return holders.work(signers -> {
            if (signers.isEmpty()) {
                throw new IOException("say with which --key to sign");
            }
            try {
                SignedFile draft = SignedFile.parse(Files.readAllBytes(file));
                Files.write(file, Desk.signed(draft, signers).toBytes());
                spec.commandLine()
                        .getOut()
                        .println("signed " + draft.unverifiedType() + " " + draft.unverifiedVersion());
                return 0;
            } catch (MetadataRefusedException e) {
                throw new IOException(file + " is no metadata: " + e.getMessage(), e);
            }
        });
    }
}
