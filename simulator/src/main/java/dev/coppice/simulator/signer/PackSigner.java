package dev.coppice.simulator.signer;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.SkillFacts;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.trust.ReleaseSigner;
import dev.coppice.protocol.release.PackFile;
import dev.coppice.protocol.release.ReleaseManifest;
import dev.coppice.protocol.release.SignedRelease;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Waits for a task to finish, builds the pack from its last candidate, signs it and hands it to the aggregator. */
public final class PackSigner {
    private static final Duration LOOK_EVERY = Duration.ofMillis(300);

    private final AdminClient admin;
    private final Kit kit;
    private final SigningKey key;
    private final InstantSource clock;
    private final Duration validFor;

    /**
     * A signer.
     *
     * @param kit of the task, derived from the base model here; not taken from the aggregator
     * @param key stays the caller's
     * @param validFor how long devices may install the pack
     */
    public PackSigner(AdminClient admin, Kit kit, SigningKey key, InstantSource clock, Duration validFor) {
        this.admin = admin;
        this.kit = kit;
        this.key = key;
        this.clock = clock;
        this.validFor = validFor;
    }

    /**
     * Blocks until the task is done, and then releases its result.
     *
     * @param version above all versions of this skill that were released before
     * @return what was signed
     */
    public ReleaseManifest releaseWhenDone(String taskId, String skill, long version, PrivacyFacts privacy)
            throws IOException, InterruptedException {
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
        return release(new PackContents(candidate(task), facts));
    }

    private AdapterWeights candidate(TaskStatus task) throws IOException, InterruptedException {
        byte[] blob = admin.blob(task.candidateSha256());
        if (!Sha256.hex(blob).equals(task.candidateSha256())) {
            throw new IOException("the aggregator sent another candidate than it named");
        }
        try {
            return Safetensors.read(blob, kit.layout());
        } catch (FormatRefusedException e) {
            throw new IOException("the candidate does not fit the kit: " + e.getMessage(), e);
        }
    }

    private ReleaseManifest release(PackContents contents) throws IOException, InterruptedException {
        Instant now = clock.instant();
        ReleaseManifest.Builder manifest = ReleaseManifest.newBuilder()
                .setSkill(contents.facts().skill())
                .setVersion(contents.facts().version())
                .setBaseModelSha256(kit.modelSha256())
                .setKitSha256(kit.sha256())
                .setIssuedEpochSeconds(now.getEpochSecond())
                .setExpiresEpochSeconds(now.plus(validFor).getEpochSecond());
        for (Map.Entry<String, byte[]> file : contents.files(kit).entrySet()) {
            manifest.addFiles(PackFile.newBuilder()
                    .setName(file.getKey())
                    .setSha256(Sha256.hex(file.getValue()))
                    .setBytes(file.getValue().length));
            admin.putBlob(file.getValue());
        }
        SignedRelease signed = ReleaseSigner.sign(manifest.build(), List.of(key));
        admin.publish(signed);
        return ReleaseManifest.parseFrom(signed.getManifest());
    }

    /** What names a release: the SHA-256 of the signed bytes. */
    public static String sha256(ByteString signedManifest) {
        return Sha256.hex(signedManifest.toByteArray());
    }
}
