package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.bytes;
import static dev.coppice.crypto.trust.TestRepository.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Files that do not belong together, are missing, or have no end. */
class MixAndMatchAttackTest {
    private final TestRepository repository = new TestRepository();

    @Test
    void aSnapshotOfAnotherVersionThanAnnouncedIsRefused() throws Exception {
        repository.refresh();
        byte[] other = signed(
                new SnapshotMetadata(3, repository.snapshot.expires(), repository.snapshot.meta()).draft(),
                repository.snapshotHolders);
        repository.files.put("metadata/2.snapshot.json", other);
        repository.timestamp = new TimestampMetadata(2, repository.timestamp.expires(), Announced.of(2, other));
        repository.publishTimestamp(repository.timestampHolders);
        refused(MetadataRefusedException.Mismatched.class);
        assertThat(repository.kept.version(Role.SNAPSHOT)).isEqualTo(1);
    }

    @Test
    void aSnapshotWithAnotherHashThanAnnouncedIsRefused() throws Exception {
        byte[] other = signed(
                new SnapshotMetadata(1, repository.snapshot.expires().plusSeconds(1), repository.snapshot.meta())
                        .draft(),
                repository.snapshotHolders);
        repository.files.put("metadata/1.snapshot.json", other);
        refused(MetadataRefusedException.Mismatched.class);
    }

    @Test
    void targetsOfAnotherVersionThanAnnouncedAreRefused() throws Exception {
        byte[] other = signed(
                new TargetsMetadata(3, repository.targets.expires(), Map.of(), List.of()).draft(),
                repository.targetsHolders.subList(0, 2));
        repository.files.put("metadata/2.targets.json", other);
        repository.snapshot =
                new SnapshotMetadata(2, repository.snapshot.expires(), Map.of("targets", Announced.of(2, other)));
        repository.nextTimestamp();
        repository.publishSnapshot(repository.snapshotHolders);
        refused(MetadataRefusedException.Mismatched.class);
    }

    @Test
    void targetsWithAnotherHashThanAnnouncedAreRefused() throws Exception {
        byte[] other = signed(
                new TargetsMetadata(1, repository.targets.expires().plusSeconds(1), Map.of(), List.of()).draft(),
                repository.targetsHolders.subList(0, 2));
        repository.files.put("metadata/1.targets.json", other);
        refused(MetadataRefusedException.Mismatched.class);
    }

    @Test
    void aSnapshotWithoutTargetsIsRefused() throws Exception {
        repository.snapshot = new SnapshotMetadata(1, repository.snapshot.expires(), Map.of());
        repository.publishSnapshot(repository.snapshotHolders);
        refused(MetadataRefusedException.Missing.class);
    }

    @Test
    void metadataOfAnotherTypeIsRefused() throws Exception {
        repository.files.put(
                "metadata/timestamp.json", signed(repository.snapshot.draft(), repository.timestampHolders));
        refused(MetadataRefusedException.Malformed.class);
    }

    @Test
    void missingMetadataIsRefused() {
        for (String file : List.of("metadata/timestamp.json", "metadata/1.snapshot.json", "metadata/1.targets.json")) {
            TestRepository incomplete = new TestRepository();
            incomplete.files.remove(file);
            assertThatThrownBy(incomplete::refresh).isInstanceOf(MetadataRefusedException.Missing.class);
        }
    }

    @Test
    void endlessMetadataIsRefused() {
        for (String file : List.of(
                "metadata/2.root.json",
                "metadata/timestamp.json",
                "metadata/1.snapshot.json",
                "metadata/1.targets.json")) {
            TestRepository endless = new TestRepository();
            endless.files.put(file, new byte[(5 << 20) + 1]);
            assertThatThrownBy(endless::refresh)
                    .as(file)
                    .isInstanceOfAny(MetadataRefusedException.TooLong.class, MetadataRefusedException.Mismatched.class);
        }
    }

    @Test
    void noMoreRootsAreFollowedThanTheLimit() throws Exception {
        for (int i = 0; i < 260; i++) {
            repository.rotate(repository.rootHolders.subList(0, 3));
        }
        repository.refresh();
        assertThat(repository.kept.version(Role.ROOT)).isEqualTo(257);
    }

    @Test
    void deeplyNestedMetadataIsRefused() {
        repository.files.put(
                "metadata/timestamp.json", bytes("{\"signed\":" + "[".repeat(5000) + "]".repeat(5000) + "}"));
        refused(MetadataRefusedException.Malformed.class);
    }

    @Test
    void aTargetOfAnotherLengthOrContentIsRefused() throws Exception {
        repository.add("a/b", bytes("content"));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        TargetFile file = view.find("a/b").orElseThrow();
        for (String other : List.of("conten", "content and no end", "CONTENT")) {
            repository.files.put("targets/" + file.location(), bytes(other));
            assertThatThrownBy(() -> view.download(file)).isInstanceOf(MetadataRefusedException.Mismatched.class);
        }
        repository.files.remove("targets/" + file.location());
        assertThatThrownBy(() -> view.download(file)).isInstanceOf(MetadataRefusedException.Missing.class);
    }

    private void refused(Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(repository::refresh).isInstanceOf(rule);
    }
}
