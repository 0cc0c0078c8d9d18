package dev.coppice.simulator.cli;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.TargetsMetadata;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.Desk;
import dev.coppice.simulator.signer.Drafts;
import dev.coppice.simulator.signer.MemoryTrust;
import dev.coppice.simulator.signer.PackBuilder;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code coppice pack signer}: plays all holders of root and release keys, and signs the one pack that it waits for. */
@Command(
        name = "signer",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Plays all holders of root and release keys, for a trial.",
        description = {
            "Makes root and release keys, begins a repository with them, waits for a task to finish, and releases the",
            "result as a signed skill pack. The keys exist in this process only and are gone when it ends."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack signer --aggregator http://127.0.0.1:8080 --token-file ./aggregator/operator.token \\",
            "      --task 3f2a --skill assistant --kit ./kit --root ./root.json"
        })
final class SignerCommand implements Callable<Integer> {
    @Mixin
    private AggregatorOptions aggregator = new AggregatorOptions();

    @Option(names = "--task", required = true, paramLabel = "ID", description = "the task to wait for")
    private String task = "";

    @Option(names = "--skill", required = true, paramLabel = "NAME", description = "the skill that it trains")
    private String skill = "";

    @Option(names = "--kit", required = true, paramLabel = "DIR", description = "the task's training kit")
    private Path kit = Path.of("kit");

    @Option(
            names = "--root",
            required = true,
            paramLabel = "FILE",
            description = "where to write the root of the repository, for devices to pin")
    private Path root = Path.of("root.json");

    @Option(
            names = "--pack-version",
            paramLabel = "N",
            defaultValue = "1",
            description = "version of the pack (default: ${DEFAULT-VALUE})")
    private long packVersion = 1;

    @Mixin
    private SpentOptions spent = new SpentOptions();

    @Override
    public Integer call() throws InterruptedException {
        List<Signatory> rootHolders = people(Drafts.ROOT_HOLDERS);
        List<Signatory> releaseHolders = people(3);
        try (HttpClient client = aggregator.client();
                HttpTransport transport = aggregator.transport()) {
            AdminClient admin = aggregator.admin(client);
            TrustedRoot pinned = begin(admin, rootHolders, releaseHolders);
            write(pinned.file());
            RepositoryClient repository = new RepositoryClient(
                    RepositoryFiles.repository(new Wire(transport, Pause.real())), new MemoryTrust(), pinned);
            ReleasedPack pack = release(admin, repository, releaseHolders);
            System.out.println("released " + pack.skill() + " version " + pack.version() + " with "
                    + pack.files().size() + " files");
            return 0;
        } catch (IOException | KitRefusedException | MetadataRefusedException | PackRefusedException e) {
            System.err.println("coppice: " + e.getMessage());
            return 1;
        } finally {
            Stream.concat(rootHolders.stream(), releaseHolders.stream()).forEach(Signatory::close);
        }
    }

    private static TrustedRoot begin(AdminClient admin, List<Signatory> rootHolders, List<Signatory> releaseHolders)
            throws IOException, InterruptedException, MetadataRefusedException {
        AdminClient.PublicKeys online = admin.keys();
        Instant now = InstantSource.system().instant();
        byte[] first = Desk.signed(
                        Drafts.firstRoot(publicKeys(rootHolders), publicKeys(releaseHolders), online.repository(), now)
                                .draft(),
                        rootHolders)
                .toBytes();
        admin.putRoot(first);
        byte[] logKey = online.log().getBytes(StandardCharsets.US_ASCII);
        admin.putBlob(logKey);
        admin.putTargets(Desk.signed(
                        Drafts.firstTargets(online.repository(), logKey, now).draft(), releaseHolders)
                .toBytes());
        return TrustedRoot.pinned(first);
    }

    private ReleasedPack release(AdminClient admin, RepositoryClient repository, List<Signatory> holders)
            throws IOException, InterruptedException, MetadataRefusedException, KitRefusedException,
                    PackRefusedException {
        InstantSource clock = InstantSource.system();
        Kit form = Kit.open(kit);
        ReleasedPack pack = new PackBuilder(admin, repository, admin.serverKey(), form, clock)
                .whenDone(new PackBuilder.Order(task, Optional.empty(), skill, packVersion, spent.facts()));
        TargetsMetadata present = repository.refresh(clock.instant()).targets();
        admin.putTargets(Desk.signed(Drafts.with(present, pack, clock.instant()).draft(), holders)
                .toBytes());
        return pack;
    }

    /** Whole or not at all: others wait for the file. */
    private void write(byte[] file) throws IOException {
        Files.createDirectories(root.toAbsolutePath().getParent());
        Path written = root.resolveSibling(root.getFileName() + ".new");
        Files.write(written, file);
        Files.move(written, root, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static List<Signatory> people(int count) {
        return Stream.generate(() -> Signatory.generate(RandomSource.secure()))
                .limit(count)
                .toList();
    }

    private static List<HolderKeys> publicKeys(List<Signatory> holders) {
        return holders.stream().map(Signatory::keys).toList();
    }
}
