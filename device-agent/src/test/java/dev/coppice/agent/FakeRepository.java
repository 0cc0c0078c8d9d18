package dev.coppice.agent;

import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.transparency.LogKey;
import dev.coppice.crypto.transparency.PackLog;
import dev.coppice.crypto.trust.Delegation;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.Publisher;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.RoleKeys;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TargetsMetadata;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A repository of skill packs in memory, with the real metadata. For one thread at a time. */
final class FakeRepository {
    private static final Duration LIFE = Duration.ofDays(30);

    final TrustedRoot root;

    /** Whoever signs the next targets; two of the three are needed. */
    List<Signatory> signers;

    private final InstantSource clock;
    private final Publisher publisher;
    private final Signatory online;
    private final Map<String, byte[]> current = new HashMap<>();
    private final Map<String, byte[]> files = new HashMap<>();
    private final Map<String, TargetFile> targets = new TreeMap<>();
    private long version;
    private long rolloutVersion;

    /** Packs go in here when they are released. */
    PackLog log = newLog();

    FakeRepository(InstantSource clock) {
        this.clock = clock;
        this.online = holder(1);
        this.publisher = new Publisher(online, online);
        this.signers = List.of(holder(2), holder(3), holder(4));
        Signatory rootHolder = holder(5);
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        roles.put(Role.ROOT, RoleKeys.of(List.of(rootHolder.keys()), 1));
        roles.put(
                Role.TARGETS, RoleKeys.of(signers.stream().map(Signatory::keys).toList(), 2));
        roles.put(Role.SNAPSHOT, RoleKeys.of(List.of(online.keys()), 1));
        roles.put(Role.TIMESTAMP, RoleKeys.of(List.of(online.keys()), 1));
        try {
            root = TrustedRoot.pinned(new RootMetadata(1, clock.instant().plus(Duration.ofDays(365)), roles)
                    .draft()
                    .signedBy(rootHolder)
                    .toBytes());
        } catch (MetadataRefusedException e) {
            throw new AssertionError(e);
        }
        byte[] key = log.key().text().getBytes(StandardCharsets.UTF_8);
        TargetFile logKey = TargetFile.of(LogKey.TARGET, key, Map.of());
        targets.put(LogKey.TARGET, logKey);
        files.put("targets/" + logKey.location(), key);
        publish();
    }

    static PackLog newLog() {
        return new PackLog("fake.log", SigningKey.generate(new SeededBytes(6)::fill));
    }

    static Signatory holder(long seed) {
        return Signatory.generate(new SeededBytes(seed)::fill);
    }

    /** Logs a pack, adds it, and publishes. */
    void release(ReleasedPack pack, Map<String, byte[]> contents) {
        log.add(pack.logEntry());
        releaseUnlogged(pack, contents);
    }

    void releaseUnlogged(ReleasedPack pack, Map<String, byte[]> contents) {
        pack.files().values().forEach(file -> {
            targets.put(file.path(), file);
            files.put("targets/" + file.location(), contents.getOrDefault(file.name(), new byte[0]));
        });
        publish();
    }

    /** Publishes a policy. */
    void rollOut(RolloutPolicy policy) {
        byte[] json = policy.toJson();
        TargetFile file = TargetFile.of(RolloutPolicy.path(policy.skill()), json, Map.of());
        files.put("targets/" + file.location(), json);
        rolloutVersion++;
        publish(Map.of(
                OnlineRole.ROLLOUT.key(),
                new TargetsMetadata(rolloutVersion, clock.instant().plus(LIFE), Map.of(file.path(), file), List.of())
                        .draft()
                        .signedBy(online)
                        .toBytes()));
    }

    /** Takes a version of a skill out, and publishes. */
    void revoke(String skill, long packVersion) {
        targets.keySet().removeIf(path -> path.startsWith("skills/" + skill + "/" + packVersion + "/"));
        publish();
    }

    /** Serves other bytes in place of a file whose name ends like this. */
    void tamper(String end, byte[] content) {
        files.replaceAll((path, old) -> path.endsWith(end) ? content : old);
    }

    /** Signs everything anew, as of now. */
    void publish() {
        version++;
        SignedFile draft = new TargetsMetadata(version, clock.instant().plus(LIFE), targets, delegations()).draft();
        for (Signatory signer : signers) {
            draft = draft.signedBy(signer);
        }
        publish(Map.of(Role.TARGETS.key(), draft.toBytes()));
    }

    Optional<byte[]> find(String path) {
        return Optional.ofNullable(files.get(path));
    }

    Optional<byte[]> findInLog(String path) {
        if (path.startsWith("position/")) {
            OptionalLong position = log.position(path.substring(9));
            return position.isPresent()
                    ? Optional.of(Long.toString(position.getAsLong()).getBytes(StandardCharsets.UTF_8))
                    : Optional.empty();
        }
        return log.find(path);
    }

    private void publish(Map<String, byte[]> changed) {
        try {
            Map<String, byte[]> next = publisher.next(current, changed, clock.instant());
            current.putAll(next);
            for (Map.Entry<String, byte[]> file : next.entrySet()) {
                String name = file.getKey() + ".json";
                files.put("metadata/" + versionOf(file.getKey(), file.getValue()) + name, file.getValue());
            }
        } catch (MetadataRefusedException e) {
            throw new AssertionError(e);
        }
    }

    private static String versionOf(String role, byte[] file) {
        String text = new String(file, StandardCharsets.UTF_8);
        int at = text.lastIndexOf("\"version\":") + 10;
        return role.equals("timestamp") ? "" : text.substring(at, text.indexOf('}', at)) + ".";
    }

    private List<Delegation> delegations() {
        return Arrays.stream(OnlineRole.values())
                .map(role -> role.delegation(RoleKeys.of(List.of(online.keys()), 1)))
                .toList();
    }
}
