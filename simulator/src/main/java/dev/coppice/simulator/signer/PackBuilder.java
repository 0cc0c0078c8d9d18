package dev.coppice.simulator.signer;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.pack.KitAdapters;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PackRefusedException;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes a skill pack from the last candidate of a task, which comes from the repository like any other file, and from the
 * aggregator's word for the rounds that made it.
 */
public final class PackBuilder {
    private static final Duration LOOK_EVERY = Duration.ofMillis(300);
    private static final int LOOKS_MAX = 100;

    private final AdminClient admin;
    private final RepositoryClient repository;
    private final ProvenanceCheck check;
    private final Kit kit;
    private final InstantSource clock;

    /**
     * A builder of packs.
     *
     * @param server the aggregator's key, as devices pin it
     * @param kit of the task, derived from the base model here; not taken from the aggregator
     */
    public PackBuilder(
            AdminClient admin, RepositoryClient repository, VerifyingKey server, Kit kit, InstantSource clock) {
        this.admin = admin;
        this.repository = repository;
        this.check = new ProvenanceCheck(server);
        this.kit = kit;
        this.clock = clock;
    }

    /**
     * What is to be released.
     *
     * @param evaluationId task whose rounds measured what the first one made; empty if none did
     * @param privacy what the pack says that each device spent at most
     */
    public record Order(
            String taskId, Optional<String> evaluationId, String skill, long version, PrivacyFacts privacy) {}

    /**
     * Blocks until the task is done, makes the files, stores them at the aggregator, and has it state where they come from.
     *
     * @return the pack, with its files stored
     * @throws PackRefusedException if the aggregator's statement does not fit the pack
     */
    public ReleasedPack whenDone(Order order)
            throws IOException, InterruptedException, MetadataRefusedException, PackRefusedException {
        TaskStatus task = admin.status(order.taskId());
        while (!task.done()) {
            Thread.sleep(LOOK_EVERY);
            task = admin.status(order.taskId());
        }
        List<Integer> cohorts = task.rounds().stream()
                .filter(TaskStatus.Round::completed)
                .map(TaskStatus.Round::inSum)
                .toList();
        Optional<MeasuredPack> measured = order.evaluationId().isPresent()
                ? Optional.of(measured(order.evaluationId().get()))
                : Optional.empty();
        SkillFacts facts = new SkillFacts(
                order.skill(),
                order.version(),
                cohorts,
                order.privacy(),
                measured.map(MeasuredPack::accuracies).orElse(List.of()));
        AdapterWeights weights = PackCoding.coarse(candidate(order.taskId(), task.candidateSha256()));
        Map<String, byte[]> files = new TreeMap<>(new PackContents(weights, facts).files(kit));
        Map<String, String> stored = store(files);
        byte[] statement = admin.provenance(order.taskId(), order.evaluationId(), stored);
        check.verified(
                statement,
                new ProvenanceCheck.Pack(
                        order.taskId(),
                        kit.modelSha256(),
                        kit.sha256(),
                        task.candidateSha256(),
                        measured.map(MeasuredPack::sha256),
                        facts,
                        files));
        admin.putBlob(statement);
        files.put(Provenance.FILE, statement);
        return ReleasedPack.of(order.skill(), order.version(), kit.modelSha256(), kit.sha256(), files);
    }

    /**
     * Stores a pack's files, and the adapter that devices have before any pack: what a pack shares with that does not have to
     * travel.
     *
     * @return SHA-256 of the files, by name
     */
    private Map<String, String> store(Map<String, byte[]> files) throws IOException, InterruptedException {
        Map<String, String> stored = new TreeMap<>();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            stored.put(file.getKey(), admin.putBlob(file.getValue()));
        }
        for (byte[] file : KitAdapters.toPeft(kit, kit.initial()).files().values()) {
            admin.putBlob(file);
        }
        return stored;
    }

    /** What the last round of an evaluation told. */
    private MeasuredPack measured(String evaluationId) throws IOException, InterruptedException {
        String sha256 = admin.status(evaluationId).rounds().stream()
                .filter(TaskStatus.Round::completed)
                .reduce((earlier, later) -> later)
                .orElseThrow(() -> new IOException("no round of task " + evaluationId + " is complete"))
                .candidateSha256();
        return MeasuredPack.read(sha256, admin.blob(sha256));
    }

    /** The repository lists a candidate a moment after the task has it. */
    private AdapterWeights candidate(String taskId, String sha256)
            throws IOException, InterruptedException, MetadataRefusedException {
        for (int look = 0; look < LOOKS_MAX; look++) {
            RepositoryView view = repository.refresh(clock.instant());
            Optional<TargetFile> listed = view.delegated(OnlineRole.CANDIDATES.key()).stream()
                    .filter(file ->
                            file.sha256().equals(sha256) && file.path().startsWith("candidates/" + taskId + "/"))
                    .findFirst();
            if (listed.isPresent()) {
                return weights(view.download(listed.get()));
            }
            Thread.sleep(LOOK_EVERY);
        }
        throw new IOException("the repository does not list the candidate of task " + taskId);
    }

    private AdapterWeights weights(byte[] file) throws IOException {
        try {
            return Safetensors.read(file, kit.layout());
        } catch (FormatRefusedException e) {
            throw new IOException("the candidate does not fit the kit: " + e.getMessage(), e);
        }
    }
}
