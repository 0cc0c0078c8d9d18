package dev.coppice.crypto.trust;

import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A repository in memory, with its keys: honest until a test changes something. {@link #publish} writes everything anew
 * from the fields; whatever is put into {@link #files} afterwards is served as it is.
 */
final class TestRepository implements Fetcher {
    static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Map<String, Signatory> MADE = new HashMap<>();

    final Map<String, byte[]> files = new HashMap<>();
    final List<String> requests = new ArrayList<>();
    final Kept kept = new Kept();
    Instant now = BEGIN;

    List<Signatory> rootHolders = holders("root", 5);
    List<Signatory> targetsHolders = holders("targets", 3);
    List<Signatory> snapshotHolders = holders("snapshot", 1);
    List<Signatory> timestampHolders = holders("timestamp", 1);
    RootMetadata root;
    TargetsMetadata targets;
    final Map<String, TargetsMetadata> delegated = new TreeMap<>();
    final Map<String, List<Signatory>> delegatedHolders = new TreeMap<>();
    SnapshotMetadata snapshot = new SnapshotMetadata(1, BEGIN.plus(Duration.ofDays(7)), Map.of());
    TimestampMetadata timestamp =
            new TimestampMetadata(1, BEGIN.plus(Duration.ofDays(1)), Announced.of(1, new byte[0]));
    final TrustedRoot pinned;

    TestRepository() {
        root = new RootMetadata(1, BEGIN.plus(Duration.ofDays(365)), roles());
        targets = new TargetsMetadata(1, BEGIN.plus(Duration.ofDays(90)), Map.of(), List.of());
        publishRoot(rootHolders);
        publish();
        try {
            pinned = TrustedRoot.pinned(files.getOrDefault("metadata/1.root.json", new byte[0]));
        } catch (MetadataRefusedException e) {
            throw new AssertionError(e);
        }
    }

    /** Keeps what a client trusts. */
    static final class Kept implements MetadataStore {
        final Map<String, byte[]> byRole = new HashMap<>();

        @Override
        public Optional<byte[]> find(String role) {
            return Optional.ofNullable(byRole.get(role));
        }

        @Override
        public void keep(String role, byte[] file) {
            byRole.put(role, file);
        }

        long version(Role role) {
            byte[] file = byRole.get(role.key());
            return file == null ? 0 : versionOf(file);
        }
    }

    static long versionOf(byte[] file) {
        try {
            return SignedFile.parse(file).signed().path("version").asLong();
        } catch (MetadataRefusedException e) {
            throw new AssertionError(e);
        }
    }

    /** The same names give the same people, made once: keys of lattices take a while. */
    static Signatory holder(String name) {
        return MADE.computeIfAbsent(name, n -> Signatory.generate(new SeededBytes(n.hashCode())::fill));
    }

    static List<Signatory> holders(String name, int count) {
        List<Signatory> holders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            holders.add(holder(name + i));
        }
        return List.copyOf(holders);
    }

    static RoleKeys keys(List<Signatory> holders, int threshold) {
        return RoleKeys.of(holders.stream().map(Signatory::keys).toList(), threshold);
    }

    Map<Role, RoleKeys> roles() {
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        roles.put(Role.ROOT, keys(rootHolders, 3));
        roles.put(Role.TARGETS, keys(targetsHolders, 2));
        roles.put(Role.SNAPSHOT, keys(snapshotHolders, 1));
        roles.put(Role.TIMESTAMP, keys(timestampHolders, 1));
        return roles;
    }

    /** Publishes the next root with the present holders, signed by these. */
    void rotate(List<Signatory> signers) {
        root = new RootMetadata(root.version() + 1, root.expires(), roles());
        publishRoot(signers);
    }

    void publishRoot(List<Signatory> signers) {
        files.put("metadata/" + root.version() + ".root.json", signed(root.draft(), signers));
    }

    void add(String path, byte[] content) {
        TargetFile file = TargetFile.of(path, content, Map.of());
        Map<String, TargetFile> more = new TreeMap<>(targets.targets());
        more.put(path, file);
        targets = new TargetsMetadata(targets.version(), targets.expires(), more, targets.delegations());
        files.put("targets/" + file.location(), content);
    }

    void delegate(Delegation... delegations) {
        targets = new TargetsMetadata(targets.version(), targets.expires(), targets.targets(), List.of(delegations));
    }

    void addDelegated(String role, String path, byte[] content, Delegation... delegations) {
        TargetFile file = TargetFile.of(path, content, Map.of());
        delegated.put(
                role,
                new TargetsMetadata(1, BEGIN.plus(Duration.ofDays(90)), Map.of(path, file), List.of(delegations)));
        delegatedHolders.putIfAbsent(role, holders(role, 1));
        files.put("targets/" + file.location(), content);
    }

    /** Signs and announces targets and all delegated roles. */
    void publish() {
        Map<String, Announced> meta = new TreeMap<>();
        put(meta, "targets", targets.version(), signed(targets.draft(), targetsHolders.subList(0, 2)));
        delegated.forEach((role, metadata) -> put(
                meta,
                role,
                metadata.version(),
                signed(metadata.draft(), delegatedHolders.getOrDefault(role, List.of()))));
        snapshot = new SnapshotMetadata(snapshot.version(), snapshot.expires(), meta);
        publishSnapshot(snapshotHolders);
    }

    void publishSnapshot(List<Signatory> signers) {
        byte[] file = signed(snapshot.draft(), signers);
        files.put("metadata/" + snapshot.version() + ".snapshot.json", file);
        timestamp =
                new TimestampMetadata(timestamp.version(), timestamp.expires(), Announced.of(snapshot.version(), file));
        publishTimestamp(timestampHolders);
    }

    void publishTimestamp(List<Signatory> signers) {
        files.put("metadata/timestamp.json", signed(timestamp.draft(), signers));
    }

    /** Publishes everything in its next version. */
    void publishNext() {
        targets =
                new TargetsMetadata(targets.version() + 1, targets.expires(), targets.targets(), targets.delegations());
        nextSnapshot();
        publish();
    }

    void nextSnapshot() {
        snapshot = new SnapshotMetadata(snapshot.version() + 1, snapshot.expires(), snapshot.meta());
        nextTimestamp();
    }

    void nextTimestamp() {
        timestamp = new TimestampMetadata(timestamp.version() + 1, timestamp.expires(), timestamp.snapshot());
    }

    void change(String path, UnaryOperator<byte[]> change) {
        byte[] before = files.get(path);
        if (before == null) {
            throw new AssertionError("there is no " + path);
        }
        files.put(path, change.apply(before));
    }

    RepositoryClient client() {
        return new RepositoryClient(this, kept, pinned);
    }

    RepositoryView refresh() throws MetadataRefusedException, IOException, InterruptedException {
        requests.clear();
        return client().refresh(now);
    }

    @Override
    public Optional<byte[]> find(String path, long bytesMax) {
        requests.add(path);
        return Optional.ofNullable(files.get(path));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] signed(SignedFile draft, List<Signatory> signers) {
        SignedFile file = draft;
        for (Signatory signer : signers) {
            file = file.signedBy(signer);
        }
        return file.toBytes();
    }

    private void put(Map<String, Announced> meta, String role, long version, byte[] file) {
        files.put("metadata/" + version + "." + role + ".json", file);
        meta.put(role, Announced.of(version, file));
    }
}
