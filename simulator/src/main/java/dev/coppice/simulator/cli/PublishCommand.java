package dev.coppice.simulator.cli;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.signer.Desk;
import dev.coppice.simulator.signer.Drafts;
import dev.coppice.simulator.signer.PackBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice pack publish}: begins a repository, releases a task's result, or hands in what others signed too. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Begins a repository, or releases a skill pack in it.",
        description = {
            "With --begin, makes the first root and targets from the public keys in --dir. With --task, makes a pack from",
            "the last candidate of a task. With --metadata, hands in a draft that was signed elsewhere. What lacks",
            "signatures of enough holders is left in --dir as a draft."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack publish --begin --aggregator http://127.0.0.1:8080 --token-file operator.token \\",
            "      --key keys/root-1.pem --key keys/root-2.pem --key keys/root-3.pem --key keys/release.pem \\",
            "      --key keys/security.pem",
            "  coppice pack publish --task 3f2a --skill assistant --pack-version 2 --kit ./kit --key keys/release.pem \\",
            "      --key keys/evaluation.pem --aggregator http://127.0.0.1:8080 --token-file operator.token"
        })
final class PublishCommand implements Callable<Integer> {
    /** The aggregator's key, which has to sign where a pack comes from. */
    private static final String AGGREGATOR_KEY = "aggregator.pub.hex";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private SigningOptions signing = new SigningOptions();

    @Option(names = "--begin", description = "begin a repository")
    private boolean begin;

    @Option(names = "--metadata", paramLabel = "FILE", description = "hand in this signed root or targets")
    private Optional<Path> metadata = Optional.empty();

    @Option(names = "--task", paramLabel = "ID", description = "release what this task has come to")
    private Optional<String> task = Optional.empty();

    @Option(
            names = "--evaluation",
            paramLabel = "ID",
            description = "task whose rounds measured it: the pack states accuracies by class of devices")
    private Optional<String> evaluation = Optional.empty();

    @Option(names = "--skill", paramLabel = "NAME", description = "the skill that it trains")
    private String skill = "";

    @Option(names = "--pack-version", paramLabel = "N", defaultValue = "1", description = "version of the pack")
    private long packVersion = 1;

    @Option(names = "--kit", paramLabel = "DIR", description = "the task's training kit, made from the base model here")
    private Path kit = Path.of("kit");

    @Mixin
    private SpentOptions spent = new SpentOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        long asked = Stream.of(begin, metadata.isPresent(), task.isPresent())
                .filter(given -> given)
                .count();
        if (asked != 1) {
            throw new ParameterException(spec.commandLine(), "say one of --begin, --metadata and --task");
        }
        return signing.work((desk, admin, signers) -> {
            String what = begin
                    ? begin(admin, signers)
                    : metadata.isPresent() ? handIn(admin, metadata.get()) : release(desk, admin, signers);
            spec.commandLine().getOut().println(what);
            return 0;
        });
    }

    /** Both first files need enough signatures at once: without them there is no repository to keep a draft for. */
    private String begin(AdminClient admin, List<Signatory> signers) throws IOException, InterruptedException {
        AdminClient.PublicKeys online = admin.keys();
        Instant now = InstantSource.system().instant();
        List<HolderKeys> root = HolderNames.read(signing.dir(), HolderNames.ROOT);
        List<HolderKeys> targets = HolderNames.read(signing.dir(), HolderNames.TARGETS);
        byte[] first = Desk.signed(
                        Drafts.firstRoot(root, targets, online.repository(), now)
                                .draft(),
                        signers)
                .toBytes();
        admin.putRoot(first);
        byte[] logKey = online.log().getBytes(StandardCharsets.US_ASCII);
        admin.putBlob(logKey);
        admin.putTargets(Desk.signed(
                        Drafts.firstTargets(online.repository(), logKey, now).draft(), signers)
                .toBytes());
        Files.write(signing.dir().resolve(Desk.ROOT), first);
        Files.writeString(signing.dir().resolve(AGGREGATOR_KEY), HexFormat.of().formatHex(online.server()) + "\n");
        return "apps pin " + signing.dir().resolve(Desk.ROOT);
    }

    private static String handIn(AdminClient admin, Path file)
            throws IOException, InterruptedException, MetadataRefusedException {
        SignedFile signed = SignedFile.parse(Files.readAllBytes(file));
        if (signed.unverifiedType().equals("root")) {
            admin.putRoot(signed.toBytes());
        } else {
            admin.putTargets(signed.toBytes());
        }
        return signed.unverifiedType() + " " + signed.unverifiedVersion() + " is published";
    }

    private String release(Desk desk, AdminClient admin, List<Signatory> signers)
            throws IOException, InterruptedException, MetadataRefusedException {
        ReleasedPack pack = pack(new PackBuilder(admin, desk.client(), serverKey(), form(), InstantSource.system()));
        RepositoryView view = desk.view();
        SignedFile draft = Drafts.with(
                        view.targets(), pack, InstantSource.system().instant())
                .draft();
        return desk.targets(draft, signers, view.root());
    }

    private ReleasedPack pack(PackBuilder builder) throws IOException, InterruptedException, MetadataRefusedException {
        try {
            return builder.whenDone(
                    new PackBuilder.Order(task.orElseThrow(), evaluation, skill, packVersion, spent.facts()));
        } catch (PackRefusedException e) {
            throw new IOException("nothing is signed: " + e.getMessage(), e);
        }
    }

    /** As it was when the repository began. */
    private VerifyingKey serverKey() throws IOException {
        Path file = signing.dir().resolve(AGGREGATOR_KEY);
        if (!Files.exists(file)) {
            throw new IOException("there is no " + file + ": whoever began the repository has the aggregator's key");
        }
        try {
            return VerifyingKey.of(
                    HexFormat.of().parseHex(Files.readString(file).strip()));
        } catch (IllegalArgumentException | InvalidKeyException e) {
            throw new IOException(file + " holds no key", e);
        }
    }

    private Kit form() throws IOException {
        try {
            return Kit.open(kit);
        } catch (KitRefusedException e) {
            throw new IOException("the kit cannot be used: " + e.getMessage(), e);
        }
    }
}
