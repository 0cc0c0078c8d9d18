package dev.coppice.crypto.trust;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * The client's part of TUF (specification, section 5). Each step believes only what the step before vouches for, and
 * keeps what it verified before the next one begins, so that a device that is stopped in between is never behind what it
 * has seen. For one thread at a time.
 *
 * <p>Time is that of the beginning of a refresh throughout. Nothing is downloaded beyond the limits of {@link Role} or
 * the length that was announced.
 */
public final class RepositoryClient {
    private static final int ROTATIONS_MAX = 256;

    private final Fetcher fetcher;
    private final MetadataStore store;
    private final TrustedRoot pinned;

    /** @param pinned the root that the app is built with; a later one that was kept takes its place */
    public RepositoryClient(Fetcher fetcher, MetadataStore store, TrustedRoot pinned) {
        this.fetcher = fetcher;
        this.store = store;
        this.pinned = pinned;
    }

    /**
     * What the repository says now.
     *
     * @throws MetadataRefusedException naming the first rule that was broken; what was verified before that stays so
     * @throws IOException if the repository cannot be reached or the store fails
     */
    public RepositoryView refresh(Instant now) throws MetadataRefusedException, IOException, InterruptedException {
        RootMetadata root = root(now);
        TimestampMetadata timestamp = timestamp(root, now);
        SnapshotMetadata snapshot = snapshot(root, timestamp.snapshot(), now);
        MetadataLoader loader = new MetadataLoader(fetcher, store, snapshot, now);
        TargetsMetadata targets = loader.load(Role.TARGETS.key(), root.keys(Role.TARGETS));
        return new RepositoryView(root, targets, loader);
    }

    private RootMetadata root(Instant now) throws MetadataRefusedException, IOException, InterruptedException {
        TrustedRoot root = keptRoot();
        for (int i = 0; i < ROTATIONS_MAX; i++) {
            long version = root.metadata().version() + 1;
            Optional<byte[]> next = fetcher.find("metadata/" + version + ".root.json", Role.ROOT.bytesMax());
            if (next.isEmpty()) {
                break;
            }
            root = root.next(next.get());
            store.keep(Role.ROOT.key(), root.file());
        }
        MetadataLoader.fresh(Role.ROOT.key(), root.metadata().expires(), now);
        return root.metadata();
    }

    private TrustedRoot keptRoot() throws MetadataRefusedException, IOException {
        Optional<byte[]> kept = store.find(Role.ROOT.key());
        if (kept.isEmpty()) {
            return pinned;
        }
        TrustedRoot root = TrustedRoot.pinned(kept.get());
        return root.metadata().version() > pinned.metadata().version() ? root : pinned;
    }

    private TimestampMetadata timestamp(RootMetadata root, Instant now)
            throws MetadataRefusedException, IOException, InterruptedException {
        String role = Role.TIMESTAMP.key();
        Optional<TimestampMetadata> kept = Optional.empty();
        Optional<SignedFile> file = MetadataLoader.kept(store, role, root.keys(Role.TIMESTAMP));
        if (file.isPresent()) {
            kept = Optional.of(TimestampMetadata.read(file.get()));
        }
        byte[] bytes = MetadataLoader.fetch(fetcher, "timestamp.json", Role.TIMESTAMP.bytesMax());
        TimestampMetadata offered =
                TimestampMetadata.read(MetadataLoader.signed(role, bytes, root.keys(Role.TIMESTAMP)));
        if (kept.isPresent()) {
            notBelow(role, kept.get().version(), offered.version());
            if (offered.version() == kept.get().version()) { // the one that is kept, whatever this one says
                MetadataLoader.fresh(role, kept.get().expires(), now);
                return kept.get();
            }
            notBelow(
                    Role.SNAPSHOT.key(),
                    kept.get().snapshot().version(),
                    offered.snapshot().version());
        }
        MetadataLoader.fresh(role, offered.expires(), now);
        store.keep(role, bytes);
        return offered;
    }

    private SnapshotMetadata snapshot(RootMetadata root, Announced announced, Instant now)
            throws MetadataRefusedException, IOException, InterruptedException {
        String role = Role.SNAPSHOT.key();
        Optional<SnapshotMetadata> kept = Optional.empty();
        Optional<SignedFile> file = MetadataLoader.kept(store, role, root.keys(Role.SNAPSHOT));
        if (file.isPresent()) {
            kept = Optional.of(SnapshotMetadata.read(file.get()));
            if (kept.get().version() == announced.version() && MetadataLoader.isAnnounced(store, role, announced)) {
                MetadataLoader.fresh(role, kept.get().expires(), now);
                return kept.get();
            }
        }
        byte[] bytes = MetadataLoader.fetchAnnounced(fetcher, role, announced, Role.SNAPSHOT.bytesMax());
        SnapshotMetadata offered = SnapshotMetadata.read(MetadataLoader.signed(role, bytes, root.keys(Role.SNAPSHOT)));
        MetadataLoader.sameVersion(role, announced.version(), offered.version());
        if (kept.isPresent()) {
            notBehind(kept.get(), offered);
        }
        MetadataLoader.fresh(role, offered.expires(), now);
        store.keep(role, bytes);
        return offered;
    }

    /** Nothing that was in a snapshot is missing or older in the next one. */
    private static void notBehind(SnapshotMetadata kept, SnapshotMetadata offered) throws MetadataRefusedException {
        for (String name : kept.meta().keySet()) {
            long seen = kept.find(name).map(Announced::version).orElse(0L);
            notBelow(name, seen, offered.find(name).map(Announced::version).orElse(0L));
        }
    }

    private static void notBelow(String role, long seen, long offered) throws MetadataRefusedException.RolledBack {
        if (offered < seen) {
            throw new MetadataRefusedException.RolledBack(role, seen, offered);
        }
    }
}
