package dev.coppice.agent.install;

import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.MetadataStore;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.crypto.trust.TargetFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads what the role {@code rollout} says of a skill, and takes nothing older than what it saw. For one thread at a time. */
public final class RolloutReader {
    private final String skill;
    private final MetadataStore kept;

    /** @param kept has the highest sequence that was seen */
    public RolloutReader(String skill, MetadataStore kept) {
        this.skill = skill;
        this.kept = kept;
    }

    /**
     * The policy, if there is one.
     *
     * @throws MetadataRefusedException if it is none, of another skill, or older than what was seen
     */
    public Optional<RolloutPolicy> read(RepositoryView view)
            throws MetadataRefusedException, IOException, InterruptedException {
        for (TargetFile file : view.delegated(OnlineRole.ROLLOUT.key())) {
            if (file.path().equals(RolloutPolicy.path(skill))) {
                if (file.length() > RolloutPolicy.BYTES_MAX) {
                    throw new MetadataRefusedException.TooLong(file.path(), RolloutPolicy.BYTES_MAX);
                }
                return Optional.of(notOlder(RolloutPolicy.parse(view.download(file))));
            }
        }
        return Optional.empty();
    }

    private RolloutPolicy notOlder(RolloutPolicy policy) throws MetadataRefusedException, IOException {
        if (!policy.skill().equals(skill)) {
            throw new MetadataRefusedException.Mismatched(RolloutPolicy.path(skill), "it is of another skill");
        }
        String name = "rollout-" + skill;
        long seen =
                kept.find(name).map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(0L);
        if (policy.sequence() < seen) {
            throw new MetadataRefusedException.RolledBack(RolloutPolicy.path(skill), seen, policy.sequence());
        }
        kept.keep(
                name, ByteBuffer.allocate(Long.BYTES).putLong(policy.sequence()).array());
        return policy;
    }
}
