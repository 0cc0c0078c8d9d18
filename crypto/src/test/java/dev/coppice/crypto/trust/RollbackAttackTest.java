package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.BEGIN;
import static dev.coppice.crypto.trust.TestRepository.bytes;
import static dev.coppice.crypto.trust.TestRepository.holders;
import static dev.coppice.crypto.trust.TestRepository.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Versions that go backwards, and how to recover from versions that were driven up. */
class RollbackAttackTest {
    private static final Duration YEAR = Duration.ofDays(365);

    private final TestRepository repository = new TestRepository();

    @Test
    void aRootOfTheSameVersionAgainIsRefused() throws Exception {
        repository.files.put("metadata/2.root.json", repository.pinned.file());
        refused(MetadataRefusedException.RolledBack.class);
    }

    @Test
    void aRootThatLeavesAVersionOutIsRefused() {
        repository.root = new RootMetadata(3, repository.root.expires(), repository.roles());
        repository.files.put("metadata/2.root.json", signed(repository.root.draft(), repository.rootHolders));
        refused(MetadataRefusedException.Mismatched.class);
    }

    @Test
    void anOlderTimestampIsRefused() throws Exception {
        byte[] old = repository.files.getOrDefault("metadata/timestamp.json", new byte[0]);
        repository.nextTimestamp();
        repository.publishTimestamp(repository.timestampHolders); // of the same snapshot
        repository.refresh();
        repository.files.put("metadata/timestamp.json", old);
        refused(MetadataRefusedException.RolledBack.class);
        assertThat(repository.kept.version(Role.TIMESTAMP)).isEqualTo(2);
    }

    @Test
    void aTimestampOfTheSameVersionWithOtherContentChangesNothing() throws Exception {
        repository.refresh();
        byte[] kept = repository.kept.find("timestamp").orElseThrow();
        repository.timestamp = new TimestampMetadata(1, BEGIN.plus(YEAR), Announced.of(100, new byte[1]));
        repository.publishTimestamp(repository.timestampHolders);
        repository.refresh();
        assertThat(repository.kept.find("timestamp")).contains(kept);
    }

    @Test
    void aTimestampThatAnnouncesAnOlderSnapshotIsRefused() throws Exception {
        repository.nextSnapshot();
        repository.publish();
        repository.refresh();
        repository.snapshot = new SnapshotMetadata(1, repository.snapshot.expires(), repository.snapshot.meta());
        repository.nextTimestamp();
        repository.publish();
        refused(MetadataRefusedException.RolledBack.class);
        assertThat(repository.kept.version(Role.TIMESTAMP)).isEqualTo(2);
        assertThat(repository.kept.version(Role.SNAPSHOT)).isEqualTo(2);
    }

    @Test
    void aSnapshotThatAnnouncesOlderTargetsIsRefused() throws Exception {
        repository.publishNext();
        repository.refresh();
        repository.targets = new TargetsMetadata(1, repository.targets.expires(), Map.of(), List.of());
        repository.nextSnapshot();
        repository.publish();
        refused(MetadataRefusedException.RolledBack.class);
        assertThat(repository.kept.version(Role.TARGETS)).isEqualTo(2);
    }

    @Test
    void aSnapshotThatDropsADelegatedRoleIsRefused() throws Exception {
        repository.addDelegated("candidates", "c/1", bytes("c"));
        repository.publishNext();
        repository.refresh();
        repository.delegated.clear();
        repository.publishNext();
        refused(MetadataRefusedException.RolledBack.class);
    }

    @Test
    void aDelegatedRoleThatIsOlderIsRefused() throws Exception {
        repository.addDelegated("candidates", "c/1", bytes("c"));
        repository.delegated.computeIfPresent(
                "candidates", (role, of) -> new TargetsMetadata(2, of.expires(), of.targets(), List.of()));
        repository.publishNext();
        repository.refresh();
        repository.addDelegated("candidates", "c/1", bytes("c"));
        repository.publishNext();
        refused(MetadataRefusedException.RolledBack.class);
    }

    @Test
    void afterNewTimestampKeysItsVersionsBeginAnew() throws Exception {
        repository.timestamp =
                new TimestampMetadata(100, repository.timestamp.expires(), repository.timestamp.snapshot());
        repository.publish();
        repository.refresh();
        repository.timestampHolders = holders("new timestamp", 1);
        repository.rotate(repository.rootHolders);
        repository.timestamp =
                new TimestampMetadata(1, repository.timestamp.expires(), repository.timestamp.snapshot());
        repository.publish();
        repository.refresh();
        assertThat(repository.kept.version(Role.TIMESTAMP)).isEqualTo(1);
    }

    @Test
    void afterNewSnapshotAndTimestampKeysTheSnapshotsVersionsBeginAnew() throws Exception {
        repository.snapshot = new SnapshotMetadata(99_999, repository.snapshot.expires(), Map.of());
        repository.publish();
        repository.refresh();
        repository.snapshotHolders = holders("new snapshot", 1);
        repository.timestampHolders = holders("new timestamp", 1);
        repository.rotate(repository.rootHolders);
        repository.snapshot = new SnapshotMetadata(1, repository.snapshot.expires(), Map.of());
        repository.publish();
        repository.refresh();
        assertThat(repository.kept.version(Role.SNAPSHOT)).isEqualTo(1);
    }

    @Test
    void afterNewSnapshotKeysTheTargetsVersionsBeginAnew() throws Exception {
        repository.targets = new TargetsMetadata(100, repository.targets.expires(), Map.of(), List.of());
        repository.publish();
        repository.refresh();
        repository.snapshotHolders = holders("new snapshot", 1);
        repository.rotate(repository.rootHolders);
        repository.targets = new TargetsMetadata(1, repository.targets.expires(), Map.of(), List.of());
        repository.nextSnapshot();
        repository.publish();
        repository.refresh();
        assertThat(repository.kept.version(Role.TARGETS)).isEqualTo(1);
    }

    private void refused(Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(repository::refresh).isInstanceOf(rule);
    }
}
