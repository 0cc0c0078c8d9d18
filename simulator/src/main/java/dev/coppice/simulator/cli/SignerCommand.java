package dev.coppice.simulator.cli;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.PackSigner;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice pack signer}: holds a release key and signs the one pack that it waits for. */
@Command(
        name = "signer",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Holds a release key and signs one pack.",
        description = {
            "Makes a release key, writes its public half, waits for a task to finish, and releases the result as a",
            "signed skill pack. The key exists in this process only and is gone when it ends."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack signer --aggregator http://127.0.0.1:8080 --token-file ./aggregator/operator.token \\",
            "      --task 3f2a --skill assistant --kit ./kit --public-key ./release.pub"
        })
final class SignerCommand implements Callable<Integer> {
    @Option(names = "--aggregator", required = true, paramLabel = "URI", description = "where the aggregator is")
    private URI aggregator = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--token-file",
            required = true,
            paramLabel = "FILE",
            description = "file that holds the operator's token")
    private Path tokenFile = Path.of("operator.token");

    @Option(names = "--task", required = true, paramLabel = "ID", description = "the task to wait for")
    private String task = "";

    @Option(names = "--skill", required = true, paramLabel = "NAME", description = "the skill that it trains")
    private String skill = "";

    @Option(names = "--kit", required = true, paramLabel = "DIR", description = "the task's training kit")
    private Path kit = Path.of("kit");

    @Option(
            names = "--public-key",
            required = true,
            paramLabel = "FILE",
            description = "where to write the release key's public half, as 64 hexadecimal digits")
    private Path publicKey = Path.of("release.pub");

    @Option(
            names = "--pack-version",
            paramLabel = "N",
            defaultValue = "1",
            description = "version of the pack (default: ${DEFAULT-VALUE})")
    private long packVersion = 1;

    @Option(
            names = "--valid-days",
            paramLabel = "N",
            defaultValue = "90",
            description = "how long devices may install it (default: ${DEFAULT-VALUE})")
    private int validDays = 90;

    @Option(names = "--epsilon", paramLabel = "E", description = "what the pack says each device spent at most")
    private @Nullable Double epsilon;

    @Option(names = "--delta", paramLabel = "D", defaultValue = "1e-8", description = "and at which delta")
    private double delta = 1e-8;

    @Option(names = "--noise-multiplier", paramLabel = "Z", defaultValue = "0", description = "and with which noise")
    private double noiseMultiplier;

    @Option(names = "--participations", paramLabel = "N", defaultValue = "1", description = "and in how many rounds")
    private int participations = 1;

    @Override
    public Integer call() throws InterruptedException {
        try (SigningKey key = SigningKey.generate(RandomSource.secure());
                HttpClient client = HttpClient.newHttpClient()) {
            writePublicKey(key);
            AdminClient admin = new AdminClient(
                    client, aggregator, Files.readString(tokenFile).trim());
            PackSigner signer =
                    new PackSigner(admin, Kit.open(kit), key, InstantSource.system(), Duration.ofDays(validDays));
            ReleaseManifest manifest = signer.releaseWhenDone(task, skill, packVersion, privacy());
            System.out.println("released " + manifest.getSkill() + " version " + manifest.getVersion() + " with "
                    + manifest.getFilesCount() + " files");
            return 0;
        } catch (IOException | KitRefusedException e) {
            System.err.println("coppice: " + e.getMessage());
            return 1;
        }
    }

    private PrivacyFacts privacy() {
        return epsilon == null
                ? PrivacyFacts.none(participations)
                : new PrivacyFacts("distributed-discrete-gaussian", epsilon, delta, noiseMultiplier, participations);
    }

    /** Whole or not at all: others wait for the file. */
    private void writePublicKey(SigningKey key) throws IOException {
        Files.createDirectories(publicKey.toAbsolutePath().getParent());
        Path written = publicKey.resolveSibling(publicKey.getFileName() + ".new");
        Files.writeString(written, HexFormat.of().formatHex(key.verifyingKey().bytes()) + "\n");
        Files.move(written, publicKey, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
