package dev.coppice.simulator.signer;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.pack.KitAdapters;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.OnlineRole;
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

/** Makes the files of a skill pack from the last candidate of a task, which comes from the repository like any other file. */
public final class PackBuilder {
    private static final Duration LOOK_EVERY = Duration.ofMillis(300);
    private static final int LOOKS_MAX = 100;

    private final AdminClient admin;
    private final RepositoryClient repository;
    private final Kit kit;
    private final InstantSource clock;

    /** @param kit of the task, derived from the base model here; not taken from the aggregator */
    public PackBuilder(AdminClient admin, RepositoryClient repository, Kit kit, InstantSource clock) {
        this.admin = admin;
        this.repository = repository;
        this.kit = kit;
        this.clock = clock;
    }

    /** Blocks until the task is done, and then makes the files, by name. */
    public Map<String, byte[]> filesWhenDone(String taskId, String skill, long version, PrivacyFacts privacy)
            throws IOException, InterruptedException, MetadataRefusedException {
        TaskStatus task = admin.status(taskId);
        while (!task.done()) {
            Thread.sleep(LOOK_EVERY);
            task = admin.status(taskId);
        }
        List<Integer> cohorts = task.rounds().stream()
                .filter(TaskStatus.Round::completed)
                .map(TaskStatus.Round::masked)
                .toList();
        SkillFacts facts = new SkillFacts(skill, version, cohorts, privacy, Map.of());
        AdapterWeights weights = PackCoding.coarse(candidate(taskId, task.candidateSha256()));
        return new PackContents(weights, facts).files(kit);
    }

    /**
     * Stores a pack's files, and the adapter that devices have before any pack: what a pack shares with that does not have to
     * travel.
     */
    public void store(Map<String, byte[]> files) throws IOException, InterruptedException {
        for (byte[] file : files.values()) {
            admin.putBlob(file);
        }
        for (byte[] file : KitAdapters.toPeft(kit, kit.initial()).files().values()) {
            admin.putBlob(file);
        }
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
