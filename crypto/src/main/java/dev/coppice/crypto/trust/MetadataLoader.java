package dev.coppice.crypto.trust;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** Loads targets' metadata that one snapshot announces, from the store if it has it. The rules of each step are here. */
final class MetadataLoader {
    private final Fetcher fetcher;
    private final MetadataStore store;
    private final SnapshotMetadata snapshot;
    private final Instant now;

    MetadataLoader(Fetcher fetcher, MetadataStore store, SnapshotMetadata snapshot, Instant now) {
        this.fetcher = fetcher;
        this.store = store;
        this.snapshot = snapshot;
        this.now = now;
    }

    /**
     * The metadata of {@code targets} or of a delegated role.
     *
     * @param keys of the role that delegated, as it is now: what was kept under other keys is not good any more
     */
    TargetsMetadata load(String role, RoleKeys keys)
            throws MetadataRefusedException, IOException, InterruptedException {
        Announced announced =
                snapshot.find(role).orElseThrow(() -> new MetadataRefusedException.Missing(role + " in the snapshot"));
        Optional<SignedFile> kept = kept(store, role, keys);
        if (kept.isPresent() && isAnnounced(store, role, announced)) {
            TargetsMetadata same = TargetsMetadata.read(kept.get());
            if (same.version() == announced.version()) {
                fresh(role, same.expires(), now);
                return same;
            }
        }
        byte[] bytes = fetchAnnounced(fetcher, role, announced, Role.TARGETS.bytesMax());
        TargetsMetadata offered = TargetsMetadata.read(signed(role, bytes, keys));
        sameVersion(role, announced.version(), offered.version());
        fresh(role, offered.expires(), now);
        store.keep(role, bytes);
        return offered;
    }

    boolean announces(String role) {
        return snapshot.find(role).isPresent();
    }

    /** The content of a file. */
    byte[] download(TargetFile target) throws MetadataRefusedException, IOException, InterruptedException {
        String path = "targets/" + target.location();
        byte[] content = fetcher.find(path, target.length())
                .orElseThrow(() -> new MetadataRefusedException.Missing(target.path()));
        return target.verified(content);
    }

    static void fresh(String role, Instant expires, Instant now) throws MetadataRefusedException.Expired {
        if (!now.isBefore(expires)) {
            throw new MetadataRefusedException.Expired(role, expires, now);
        }
    }

    static void sameVersion(String role, long announced, long offered) throws MetadataRefusedException.Mismatched {
        if (offered != announced) {
            throw new MetadataRefusedException.Mismatched(role, "version " + offered + " instead of " + announced);
        }
    }

    static SignedFile signed(String role, byte[] bytes, RoleKeys keys) throws MetadataRefusedException {
        SignedFile file = SignedFile.parse(bytes);
        if (!file.isSignedBy(keys)) {
            throw new MetadataRefusedException.Unsigned(role);
        }
        return file;
    }

    /** What was kept, unless the keys have changed since: then it is as if it had never been. */
    static Optional<SignedFile> kept(MetadataStore store, String role, RoleKeys keys)
            throws MetadataRefusedException, IOException {
        Optional<byte[]> bytes = store.find(role);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(SignedFile.parse(bytes.get())).filter(file -> file.isSignedBy(keys));
    }

    /** Whether what was kept has the announced length and hash. */
    static boolean isAnnounced(MetadataStore store, String role, Announced announced) throws IOException {
        Optional<byte[]> bytes = store.find(role);
        if (bytes.isEmpty()) {
            return false;
        }
        try {
            announced.check(role, bytes.get());
            return true;
        } catch (MetadataRefusedException.Mismatched e) {
            return false;
        }
    }

    static byte[] fetchAnnounced(Fetcher fetcher, String role, Announced announced, int bytesMax)
            throws MetadataRefusedException, IOException, InterruptedException {
        long most = Math.min(bytesMax, announced.length().orElse(bytesMax));
        byte[] bytes = fetch(fetcher, announced.version() + "." + role + ".json", (int) most);
        announced.check(role, bytes);
        return bytes;
    }

    static byte[] fetch(Fetcher fetcher, String file, int bytesMax)
            throws MetadataRefusedException, IOException, InterruptedException {
        byte[] bytes = fetcher.find("metadata/" + file, bytesMax)
                .orElseThrow(() -> new MetadataRefusedException.Missing(file));
        if (bytes.length > bytesMax) {
            throw new MetadataRefusedException.TooLong(file, bytesMax);
        }
        return bytes;
    }
}
