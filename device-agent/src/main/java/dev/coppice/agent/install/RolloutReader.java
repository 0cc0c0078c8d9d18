package dev.coppice.agent.install;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.MetadataStore;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.crypto.trust.TargetFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what the role {@code rollout} says of a skill, and takes nothing older than what it saw. Whether the device is among
 * the first follows from random bytes that it keeps and tells nobody, so that new keys change nothing. For one thread at a
 * time.
 */
public final class RolloutReader {
    private static final String DEVICE = "rollout-device";
    private static final int DEVICE_BYTES = 16;

    private final String skill;
    private final MetadataStore kept;
    private final RandomSource random;

    /** @param kept has the highest sequence that was seen, and the device's random bytes */
    public RolloutReader(String skill, MetadataStore kept, RandomSource random) {
        this.skill = skill;
        this.kept = kept;
        this.random = random;
    }

    /**
     * The version that this device is to use; empty if nothing is said of its class.
     *
     * @throws MetadataRefusedException if the policy is none, of another skill, or older than what was seen
     */
    public OptionalLong version(RepositoryView view, String deviceClass)
            throws MetadataRefusedException, IOException, InterruptedException {
        for (TargetFile file : view.delegated(OnlineRole.ROLLOUT.key())) {
            if (file.path().equals(RolloutPolicy.path(skill))) {
                if (file.length() > RolloutPolicy.BYTES_MAX) {
                    throw new MetadataRefusedException.TooLong(file.path(), RolloutPolicy.BYTES_MAX);
                }
                RolloutPolicy policy = notOlder(RolloutPolicy.parse(view.download(file)));
                Optional<Long> version = policy.version(deviceClass, device());
                return version.isPresent() ? OptionalLong.of(version.get()) : OptionalLong.empty();
            }
        }
        return OptionalLong.empty();
    }

    private RolloutPolicy notOlder(RolloutPolicy policy) throws MetadataRefusedException, IOException {
        if (!policy.skill().equals(skill)) {
            throw new MetadataRefusedException.Mismatched(RolloutPolicy.path(skill), "it is of another skill");
        }
        String name = "rollout-of-" + skill;
        long seen =
                kept.find(name).map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(0L);
        if (policy.sequence() < seen) {
            throw new MetadataRefusedException.RolledBack(RolloutPolicy.path(skill), seen, policy.sequence());
        }
        if (policy.sequence() > seen) {
            kept.keep(
                    name,
                    ByteBuffer.allocate(Long.BYTES).putLong(policy.sequence()).array());
        }
        return policy;
    }

    private String device() throws IOException {
        Optional<byte[]> known = kept.find(DEVICE);
        byte[] device = known.isPresent() ? known.get() : random.bytes(DEVICE_BYTES);
        if (known.isEmpty()) {
            kept.keep(DEVICE, device);
        }
        return HexFormat.of().formatHex(device);
    }
}
