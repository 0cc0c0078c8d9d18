package dev.coppice.crypto.trust;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes the two roles that say what is the latest, as a server does whenever something changes or time runs out. Nothing
 * it signs can make a file installable: that takes the keys of {@code targets}. For one thread at a time.
 */
public final class Publisher {
    private static final Duration SNAPSHOT_LIFE = Duration.ofDays(7);
    private static final Duration TIMESTAMP_LIFE = Duration.ofDays(1);

    private final Signatory snapshot;
    private final Signatory timestamp;

    /** The signatories stay the caller's. */
    public Publisher(Signatory snapshot, Signatory timestamp) {
        this.snapshot = snapshot;
        this.timestamp = timestamp;
    }

    /**
     * What has to be published together with some metadata.
     *
     * @param current files by role, as published last; empty at first
     * @param changed files of {@code targets} or delegated roles that take the place of theirs
     * @return {@code changed}, and the next snapshot and timestamp
     * @throws MetadataRefusedException.Malformed if a file is none
     */
    public Map<String, byte[]> next(Map<String, byte[]> current, Map<String, byte[]> changed, Instant now)
            throws MetadataRefusedException.Malformed {
        Map<String, byte[]> next = new HashMap<>(changed);
        Map<String, Announced> meta = new TreeMap<>();
        long snapshotVersion = 1;
        Optional<byte[]> before = Optional.ofNullable(current.get(Role.SNAPSHOT.key()));
        if (before.isPresent()) {
            SnapshotMetadata last = SnapshotMetadata.read(SignedFile.parse(before.get()));
            meta.putAll(last.meta());
            snapshotVersion = last.version() + 1;
        }
        for (Map.Entry<String, byte[]> file : changed.entrySet()) {
            long version =
                    TargetsMetadata.read(SignedFile.parse(file.getValue())).version();
            meta.put(file.getKey(), Announced.of(version, file.getValue()));
        }
        byte[] signed = new SnapshotMetadata(snapshotVersion, now.plus(SNAPSHOT_LIFE), meta)
                .draft()
                .signedBy(snapshot)
                .toBytes();
        next.put(Role.SNAPSHOT.key(), signed);
        next.put(Role.TIMESTAMP.key(), timestamp(current, Announced.of(snapshotVersion, signed), now));
        return next;
    }

    /** Whether half the life of the snapshot or the timestamp is over. */
    public static boolean isDue(Map<String, byte[]> current, Instant now) throws MetadataRefusedException.Malformed {
        Optional<byte[]> last = Optional.ofNullable(current.get(Role.TIMESTAMP.key()));
        Optional<byte[]> listed = Optional.ofNullable(current.get(Role.SNAPSHOT.key()));
        if (last.isEmpty() || listed.isEmpty()) {
            return false;
        }
        Instant timestampEnd =
                TimestampMetadata.read(SignedFile.parse(last.get())).expires();
        Instant snapshotEnd =
                SnapshotMetadata.read(SignedFile.parse(listed.get())).expires();
        return now.isAfter(timestampEnd.minus(TIMESTAMP_LIFE.dividedBy(2)))
                || now.isAfter(snapshotEnd.minus(SNAPSHOT_LIFE.dividedBy(2)));
    }

    private byte[] timestamp(Map<String, byte[]> current, Announced latest, Instant now)
            throws MetadataRefusedException.Malformed {
        long version = 1;
        Optional<byte[]> before = Optional.ofNullable(current.get(Role.TIMESTAMP.key()));
        if (before.isPresent()) {
            version = TimestampMetadata.read(SignedFile.parse(before.get())).version() + 1;
        }
        return new TimestampMetadata(version, now.plus(TIMESTAMP_LIFE), latest)
                .draft()
                .signedBy(timestamp)
                .toBytes();
    }
}
