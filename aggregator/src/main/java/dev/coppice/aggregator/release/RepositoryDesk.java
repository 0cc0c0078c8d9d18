package dev.coppice.aggregator.release;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.RepositoryStore;
import dev.coppice.aggregator.store.RepositoryStore.Metadata;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.OnlineRole;
import dev.coppice.crypto.trust.Publisher;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.RoleKeys;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.SnapshotMetadata;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TargetsMetadata;
import dev.coppice.crypto.trust.TimestampMetadata;
import dev.coppice.crypto.trust.TrustedRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes and serves the repository of skill packs. Root and targets come signed from elsewhere: this process holds keys for
 * the snapshot, the timestamp and the two online roles alone, and cannot release anything. What is checked here is that
 * devices will believe it and can fetch all of it. Safe for any number of threads; of several processes that publish at
 * once, one wins and the others begin anew.
 */
public final class RepositoryDesk {
    private static final Pattern FILE = Pattern.compile("([1-9][0-9]{0,15})\\.([A-Za-z0-9_-]{1,64})\\.json");
    private static final String TIMESTAMP_FILE = "timestamp.json";
    private static final Duration ONLINE_LIFE = Duration.ofDays(30);
    /** How long before its end holders are told to sign something anew. */
    public static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private static final int ATTEMPTS_MAX = 16;
    private static final String SEQUENCE = "sequence";

    private final RepositoryStore store;
    private final BlobStore blobs;
    private final OnlineKeys keys;
    private final LogDesk log;
    private final InstantSource clock;
    private final ReentrantLock writing = new ReentrantLock(); // signatories are for one thread at a time

    /** @param keys stay the caller's */
    public RepositoryDesk(RepositoryStore store, BlobStore blobs, OnlineKeys keys, LogDesk log, InstantSource clock) {
        this.store = store;
        this.blobs = blobs;
        this.keys = keys;
        this.log = log;
        this.clock = clock;
    }

    /** A metadata file by the name that clients ask for. */
    public Optional<ByteString> find(String file) {
        if (file.equals(TIMESTAMP_FILE)) {
            return Optional.ofNullable(store.latestMetadata().get(Role.TIMESTAMP.key()));
        }
        Matcher name = FILE.matcher(file);
        return name.matches() ? store.findMetadata(name.group(2), Long.parseLong(name.group(1))) : Optional.empty();
    }

    /** Takes the first root, or the one after the present one. */
    public void putRoot(byte[] file) throws RepositoryRefusedException {
        try {
            Optional<TrustedRoot> present = root(store.latestMetadata());
            TrustedRoot next = present.isPresent() ? present.get().next(file) : TrustedRoot.pinned(file);
            require(present.isPresent() || next.metadata().version() == 1, "The first root has version 1");
            requireOurs(next.metadata(), Role.SNAPSHOT);
            requireOurs(next.metadata(), Role.TIMESTAMP);
            if (!store.addMetadata(List.of(metadata(Role.ROOT.key(), file)))) {
                throw new RepositoryRefusedException("Another root was faster");
            }
        } catch (MetadataRefusedException e) {
            throw new RepositoryRefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** Takes the next targets, and publishes them. */
    public void putTargets(byte[] file) throws RepositoryRefusedException, IOException {
        try {
            SignedFile signed = SignedFile.parse(file);
            TargetsMetadata targets = TargetsMetadata.read(signed);
            Map<String, byte[]> current = current();
            TrustedRoot root = root(store.latestMetadata())
                    .orElseThrow(() -> new RepositoryRefusedException("There is no root yet"));
            require(
                    signed.isSignedBy(root.metadata().keys(Role.TARGETS)),
                    "Not signed by enough keys of the role targets");
            require(clock.instant().isBefore(targets.expires()), "Expired");
            long before = current.containsKey(Role.TARGETS.key())
                    ? targets(current, Role.TARGETS.key()).version()
                    : 0;
            require(targets.version() == before + 1, "The next version is " + (before + 1));
            requireDelegations(targets);
            requireFiles(targets);
            log.add(targets.targets().values()); // first: devices look for it as soon as it is published
            if (!publish(current, Map.of(Role.TARGETS.key(), file))) {
                throw new RepositoryRefusedException("Another publication was faster; try again");
            }
        } catch (MetadataRefusedException e) {
            throw new RepositoryRefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** Lists an adapter between two rounds under the role {@code candidates}, in place of the task's one before. */
    public void putCandidate(String taskId, int round, byte[] adapter, Map<String, String> custom) throws IOException {
        String folder = "candidates/" + taskId + "/";
        TargetFile file = TargetFile.of(folder + round + ".safetensors", adapter, custom);
        change(OnlineRole.CANDIDATES, files -> {
            files.keySet().removeIf(path -> path.startsWith(folder));
            files.put(file.path(), file);
        });
    }

    /** Publishes what devices are to do with the packs of a skill. */
    public void putPolicy(RolloutPolicy policy) throws IOException {
        byte[] json = policy.toJson();
        blobs.put(json);
        TargetFile file = TargetFile.of(
                RolloutPolicy.path(policy.skill()), json, Map.of(SEQUENCE, Long.toString(policy.sequence())));
        change(OnlineRole.ROLLOUT, files -> {
            if (sequence(files.get(file.path()))
                    < policy.sequence()) { // or another process was faster with a later one
                files.put(file.path(), file);
            }
        });
    }

    /** The sequence of the policy that is published for a skill; 0 if none is. */
    public long publishedSequence(String skill) {
        Map<String, byte[]> current = current();
        if (!current.containsKey(OnlineRole.ROLLOUT.key())) {
            return 0;
        }
        try {
            return sequence(targets(current, OnlineRole.ROLLOUT.key()).targets().get(RolloutPolicy.path(skill)));
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException("The stored repository is damaged", e);
        }
    }

    /** The packs of a skill that release keys vouch for. */
    public List<ReleasedPack> released(String skill) {
        Map<String, byte[]> current = current();
        if (!current.containsKey(Role.TARGETS.key())) {
            return List.of();
        }
        try {
            return ReleasedPack.among(
                    targets(current, Role.TARGETS.key()).targets().values(), skill);
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException("The stored repository is damaged", e);
        }
    }

    private static long sequence(@Nullable TargetFile policy) {
        return policy == null ? 0 : Long.parseLong(policy.custom().getOrDefault(SEQUENCE, "0"));
    }

    /**
     * When what holders signed ends, by role: nobody but them can sign it anew.
     *
     * @param version of root or targets
     */
    public record Ending(String role, long version, Instant expires) {}

    /** The present root and targets; none before there is a repository. */
    public List<Ending> endings() {
        Map<String, ByteString> latest = store.latestMetadata();
        List<Ending> endings = new ArrayList<>();
        try {
            Optional<TrustedRoot> root = root(latest);
            root.ifPresent(present -> endings.add(new Ending(
                    Role.ROOT.key(),
                    present.metadata().version(),
                    present.metadata().expires())));
            ByteString file = latest.get(Role.TARGETS.key());
            if (file != null) {
                TargetsMetadata targets = TargetsMetadata.read(SignedFile.parse(file.toByteArray()));
                endings.add(new Ending(Role.TARGETS.key(), targets.version(), targets.expires()));
            }
            return List.copyOf(endings);
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException("The stored repository is damaged", e);
        }
    }

    /** Of those, the ones that holders should sign anew by now: less than {@link #RENEW_BEFORE} is left. */
    public List<Ending> due() {
        return endings().stream()
                .filter(ending -> !clock.instant().isBefore(ending.expires().minus(RENEW_BEFORE)))
                .toList();
    }

    /** Signs anew what would otherwise end soon. To be called every now and then. */
    public void tick() throws IOException {
        try {
            Map<String, byte[]> current = current();
            if (Publisher.isDue(current, clock.instant())) {
                publish(current, Map.of());
            }
            for (OnlineRole role : OnlineRole.values()) {
                if (isOld(current, role)) {
                    change(role, files -> {});
                }
            }
        } catch (MetadataRefusedException e) {
            throw new IOException("The stored repository is damaged", e);
        }
    }

    private boolean isOld(Map<String, byte[]> current, OnlineRole role) throws MetadataRefusedException {
        return current.containsKey(role.key())
                && clock.instant()
                        .isAfter(targets(current, role.key()).expires().minus(ONLINE_LIFE.dividedBy(2)));
    }

    /** A change of the files that an online role lists. */
    private interface Change {
        void to(SortedMap<String, TargetFile> files);
    }

    /** Nothing happens before there is a repository. */
    private void change(OnlineRole role, Change change) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            try {
                Map<String, byte[]> current = current();
                if (!current.containsKey(Role.TARGETS.key()) || publish(current, changed(current, role, change))) {
                    return;
                }
            } catch (MetadataRefusedException e) {
                throw new IOException("The stored repository is damaged", e);
            }
        }
        throw new IOException("Others published without end");
    }

    private Map<String, byte[]> changed(Map<String, byte[]> current, OnlineRole role, Change change)
            throws MetadataRefusedException {
        SortedMap<String, TargetFile> files = new TreeMap<>();
        long version = 1;
        if (current.containsKey(role.key())) {
            TargetsMetadata before = targets(current, role.key());
            files.putAll(before.targets());
            version = before.version() + 1;
        }
        change.to(files);
        TargetsMetadata next = new TargetsMetadata(version, clock.instant().plus(ONLINE_LIFE), files, List.of());
        writing.lock();
        try {
            return Map.of(
                    role.key(),
                    next.draft()
                            .signedBy(role == OnlineRole.CANDIDATES ? keys.candidates() : keys.rollout())
                            .toBytes());
        } finally {
            writing.unlock();
        }
    }

    private boolean publish(Map<String, byte[]> current, Map<String, byte[]> changed) throws MetadataRefusedException {
        Instant now = clock.instant();
        writing.lock();
        try {
            List<Metadata> files = new ArrayList<>();
            Map<String, byte[]> next = new Publisher(keys.snapshot(), keys.timestamp()).next(current, changed, now);
            for (Map.Entry<String, byte[]> file : next.entrySet()) {
                files.add(metadata(file.getKey(), file.getValue()));
            }
            return store.addMetadata(files);
        } finally {
            writing.unlock();
        }
    }

    /** The latest files of all roles but the root. */
    private Map<String, byte[]> current() {
        Map<String, byte[]> current = new HashMap<>();
        store.latestMetadata().forEach((role, file) -> current.put(role, file.toByteArray()));
        current.remove(Role.ROOT.key());
        return current;
    }

    private static Optional<TrustedRoot> root(Map<String, ByteString> latest) throws MetadataRefusedException {
        ByteString file = latest.get(Role.ROOT.key());
        return file == null ? Optional.empty() : Optional.of(TrustedRoot.pinned(file.toByteArray()));
    }

    private static TargetsMetadata targets(Map<String, byte[]> current, String role) throws MetadataRefusedException {
        return TargetsMetadata.read(SignedFile.parse(current.getOrDefault(role, new byte[0])));
    }

    private static Metadata metadata(String role, byte[] file) throws MetadataRefusedException {
        SignedFile signed = SignedFile.parse(file);
        long version = switch (signed.unverifiedType()) {
            case "root" -> TrustedRoot.pinned(file).metadata().version();
            case "timestamp" -> TimestampMetadata.read(signed).version();
            case "snapshot" -> SnapshotMetadata.read(signed).version();
            default -> TargetsMetadata.read(signed).version();
        };
        return new Metadata(role, version, ByteString.copyFrom(file));
    }

    private void requireOurs(RootMetadata root, Role role) throws RepositoryRefusedException {
        RoleKeys named = root.keys(role);
        boolean ours = named.threshold() == 1
                && Optional.ofNullable(keys.publicKeys().get(role.key()))
                        .filter(named::has)
                        .isPresent();
        require(ours, "The root must name this server's key for " + role.key());
    }

    private void requireDelegations(TargetsMetadata targets) throws RepositoryRefusedException {
        for (OnlineRole role : OnlineRole.values()) {
            boolean ours = targets.delegations().stream()
                    .anyMatch(delegation -> delegation.role().equals(role.key())
                            && delegation.keys().threshold() == 1
                            && Optional.ofNullable(keys.publicKeys().get(role.key()))
                                    .filter(delegation.keys()::has)
                                    .isPresent());
            require(ours, "The targets must delegate to this server's key for " + role.key());
        }
    }

    private void requireFiles(TargetsMetadata targets) throws RepositoryRefusedException, IOException {
        for (TargetFile file : targets.targets().values()) {
            Optional<Path> blob = blobs.find(file.sha256());
            require(blob.isPresent(), "A file is not stored: " + file.path());
            require(Files.size(blob.get()) == file.length(), "A file has another length: " + file.path());
        }
    }

    private static void require(boolean holds, String rule) throws RepositoryRefusedException {
        if (!holds) {
            throw new RepositoryRefusedException(rule);
        }
    }
}
