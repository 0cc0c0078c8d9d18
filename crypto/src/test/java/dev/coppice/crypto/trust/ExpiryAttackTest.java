package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.BEGIN;
import static dev.coppice.crypto.trust.TestRepository.bytes;
import static dev.coppice.crypto.trust.TestRepository.holders;
import static dev.coppice.crypto.trust.TestRepository.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Freeze attacks: a repository that stands still, or serves what is over. */
class ExpiryAttackTest {
    private static final Duration YEAR = Duration.ofDays(365);

    private final TestRepository repository = new TestRepository();

    @Test
    void anExpiredRootIsKeptButNothingUnderItIsBelieved() throws Exception {
        repository.refresh();
        repository.root = new RootMetadata(1, BEGIN, repository.roles());
        repository.rotate(repository.rootHolders);
        repository.publishNext();
        refused(MetadataRefusedException.Expired.class);
        assertThat(repository.kept.version(Role.ROOT)).isEqualTo(2);
        assertThat(repository.kept.version(Role.TIMESTAMP)).isEqualTo(1);
    }

    @Test
    void anExpiredRootInBetweenDoesNotStopTheChain() throws Exception {
        repository.root = new RootMetadata(1, BEGIN.minus(YEAR), repository.roles());
        repository.rotate(repository.rootHolders);
        repository.root = new RootMetadata(2, BEGIN.plus(YEAR), repository.roles());
        repository.rotate(repository.rootHolders);
        repository.refresh();
        assertThat(repository.kept.version(Role.ROOT)).isEqualTo(3);
    }

    @Test
    void anExpiredTimestampIsRefused() throws Exception {
        repository.refresh();
        repository.timestamp = new TimestampMetadata(2, BEGIN, repository.timestamp.snapshot());
        repository.publishTimestamp(repository.timestampHolders);
        refused(MetadataRefusedException.Expired.class);
        assertThat(repository.kept.version(Role.TIMESTAMP)).isEqualTo(1);
    }

    @Test
    void aRepositoryThatStandsStillIsRefusedWhenItsTimestampEnds() throws Exception {
        repository.refresh();
        repository.now = BEGIN.plus(Duration.ofDays(1)).minusSeconds(1);
        repository.refresh();
        repository.now = BEGIN.plus(Duration.ofDays(1));
        refused(MetadataRefusedException.Expired.class);
    }

    @Test
    void anExpiredSnapshotIsRefused() throws Exception {
        repository.refresh();
        repository.snapshot = new SnapshotMetadata(2, BEGIN, repository.snapshot.meta());
        repository.nextTimestamp();
        repository.publish();
        refused(MetadataRefusedException.Expired.class);
        assertThat(repository.kept.version(Role.SNAPSHOT)).isEqualTo(1);
    }

    @Test
    void aSnapshotThatIsKeptEndsLikeAnyOther() throws Exception {
        repository.refresh();
        repository.now = repository.snapshot.expires();
        repository.timestamp = new TimestampMetadata(2, repository.now.plus(YEAR), repository.timestamp.snapshot());
        repository.publishTimestamp(repository.timestampHolders);
        refused(MetadataRefusedException.Expired.class);
    }

    @Test
    void expiredTargetsAreRefused() throws Exception {
        repository.refresh();
        repository.targets = new TargetsMetadata(1, BEGIN, Map.of(), List.of());
        repository.publishNext();
        refused(MetadataRefusedException.Expired.class);
        assertThat(repository.kept.version(Role.TARGETS)).isEqualTo(1);
    }

    @Test
    void targetsThatAreKeptEndLikeAnyOther() throws Exception {
        repository.refresh();
        repository.now = repository.targets.expires();
        repository.snapshot = new SnapshotMetadata(2, repository.now.plus(YEAR), repository.snapshot.meta());
        repository.timestamp = new TimestampMetadata(2, repository.now.plus(YEAR), repository.timestamp.snapshot());
        repository.publishSnapshot(repository.snapshotHolders);
        refused(MetadataRefusedException.Expired.class);
    }

    @Test
    void anExpiredDelegatedRoleIsRefused() throws Exception {
        repository.delegate(Delegation.of("candidates", keys(holders("candidates", 1), 1), "c/*"));
        repository.addDelegated("candidates", "c/1", bytes("c"));
        repository.delegated.put("candidates", new TargetsMetadata(1, BEGIN, Map.of(), List.of()));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThatThrownBy(() -> view.find("c/1")).isInstanceOf(MetadataRefusedException.Expired.class);
    }

    @Test
    void expiredMetadataThatIsKeptStillLeadsToTheNext() throws Exception {
        repository.refresh();
        repository.now = BEGIN.plus(Duration.ofDays(18));
        repository.timestamp = new TimestampMetadata(1, repository.now.plus(YEAR), repository.timestamp.snapshot());
        repository.snapshot = new SnapshotMetadata(1, repository.now.plus(YEAR), Map.of());
        repository.publishNext();
        repository.refresh();
        assertThat(repository.kept.version(Role.TARGETS)).isEqualTo(2);
    }

    private void refused(Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(repository::refresh).isInstanceOf(rule);
    }
}
