package dev.coppice.crypto.trust;

import static dev.coppice.crypto.trust.TestRepository.BEGIN;
import static dev.coppice.crypto.trust.TestRepository.bytes;
import static dev.coppice.crypto.trust.TestRepository.signed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a client believes, and what it is left with when it stops believing. */
class RepositoryClientTest {
    private static final Duration YEAR = Duration.ofDays(365);

    private final TestRepository repository = new TestRepository();

    @Test
    void anHonestRepositoryIsBelieved() throws Exception {
        repository.add("skills/a/1/skill.json", bytes("pack"));
        repository.publishNext();
        RepositoryView view = repository.refresh();
        assertThat(repository.requests)
                .containsExactly(
                        "metadata/2.root.json",
                        "metadata/timestamp.json",
                        "metadata/2.snapshot.json",
                        "metadata/2.targets.json");
        TargetFile file = view.find("skills/a/1/skill.json").orElseThrow();
        assertThat(view.download(file)).isEqualTo(bytes("pack"));
        assertThat(view.find("skills/a/2/skill.json")).isEmpty();
    }

    @Test
    void whatIsKeptIsNotFetchedAgain() throws Exception {
        repository.refresh();
        repository.refresh();
        assertThat(repository.requests).containsExactly("metadata/2.root.json", "metadata/timestamp.json");
    }

    @Test
    void aPinnedRootThatItsOwnKeysDidNotSignIsNone() {
        byte[] file = signed(repository.root.draft(), repository.rootHolders.subList(0, 2));
        assertThatThrownBy(() -> TrustedRoot.pinned(file)).isInstanceOf(MetadataRefusedException.Unsigned.class);
    }

    @Test
    void aPinnedRootWithoutAVersionIsNone() throws Exception {
        String text = new String(repository.pinned.file(), StandardCharsets.UTF_8).replace("\"version\":1", "\"v\":1");
        assertThatThrownBy(() -> TrustedRoot.pinned(bytes(text)))
                .isInstanceOf(MetadataRefusedException.Malformed.class);
    }

    @Test
    void whatWasVerifiedBeforeARefusalStays() throws Exception {
        repository.refresh();
        repository.publishNext();
        repository.files.remove("metadata/2.targets.json");
        refused(MetadataRefusedException.Missing.class);
        assertThat(repository.kept.version(Role.TIMESTAMP)).isEqualTo(2);
        assertThat(repository.kept.version(Role.SNAPSHOT)).isEqualTo(2);
        assertThat(repository.kept.version(Role.TARGETS)).isEqualTo(1);
    }

    @Test
    void aPublisherWritesWhatClientsBelieve() throws Exception {
        Publisher publisher = new Publisher(repository.snapshotHolders.get(0), repository.timestampHolders.get(0));
        Map<String, byte[]> current = new TreeMap<>();
        Instant now = BEGIN;
        for (int version = 1; version <= 3; version++) {
            byte[] targets = signed(
                    new TargetsMetadata(version, BEGIN.plus(YEAR), Map.of(), List.of()).draft(),
                    repository.targetsHolders);
            Map<String, byte[]> next = publisher.next(current, Map.of("targets", targets), now);
            current.putAll(next);
            serve(current);
            repository.now = now;
            repository.refresh();
            assertThat(repository.kept.version(Role.TARGETS)).isEqualTo(version);
            assertThat(Publisher.isDue(current, now)).isFalse();
            now = now.plus(Duration.ofHours(13));
            assertThat(Publisher.isDue(current, now)).isTrue();
            current.putAll(publisher.next(current, Map.of(), now));
            serve(current);
            repository.now = now;
            repository.refresh();
        }
        assertThat(repository.kept.version(Role.SNAPSHOT)).isEqualTo(6);
    }

    private void serve(Map<String, byte[]> current) {
        current.forEach((role, file) -> repository.files.put(
                role.equals("timestamp")
                        ? "metadata/timestamp.json"
                        : "metadata/" + TestRepository.versionOf(file) + "." + role + ".json",
                file));
    }

    private void refused(Class<? extends MetadataRefusedException> rule) {
        assertThatThrownBy(repository::refresh).isInstanceOf(rule);
    }
}
