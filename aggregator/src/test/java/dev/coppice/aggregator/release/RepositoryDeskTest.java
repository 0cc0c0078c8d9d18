package dev.coppice.aggregator.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.transparency.Checkpoint;
import dev.coppice.crypto.transparency.LogReader;
import dev.coppice.crypto.transparency.PackLog;
import dev.coppice.crypto.trust.MetadataStore;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What devices could not believe or fetch is not published; what is published stays fresh by itself. */
class RepositoryDeskTest {
    private static final byte[] CONTENT = {1, 2, 3};

    private static final SigningKey LOG = SigningKey.generate(new SeededBytes(77)::fill);

    @TempDir
    Path folder;

    private final ManualClock clock = ManualClock.atNewYear();
    private final OnlineKeys keys = new OnlineKeys(online(1), online(2), online(3), online(4));
    private final RepositoryOwner owner = new RepositoryOwner(keys.publicKeys());
    private LogDesk log;
    private RepositoryDesk desk;
    private TargetFile stored;
    private byte[] root;

    @BeforeEach
    void oneFile() throws Exception {
        BlobFolder blobs = new BlobFolder(folder);
        blobs.put(CONTENT);
        MemoryStore store = new MemoryStore();
        log = new LogDesk(store, new PackLog("test", LOG));
        desk = new RepositoryDesk(store, blobs, keys, log, clock);
        stored = TargetFile.of("skills/lights/1/file", CONTENT, Map.of());
        root = owner.root(1, clock.instant(), owner.root);
    }

    @Test
    void whatIsHandedInIsWhatClientsBelieve() throws Exception {
        desk.putRoot(root);
        desk.putTargets(owner.targets(1, clock.instant()));
        desk.putTargets(owner.targets(2, clock.instant(), stored));
        assertThat(view().released()).containsExactly(stored);
        desk.putRoot(owner.root(2, clock.instant(), owner.root));
        assertThat(view().root().version()).isEqualTo(2);
        desk.putTargets(owner.targets(3, clock.instant()));
        assertThat(view().released()).isEmpty();
    }

    @Test
    void everyPackIsInTheLogBeforeItIsPublishedAndOnce() throws Exception {
        ReleasedPack pack = ReleasedPack.of("lights", 1, "a".repeat(64), "b".repeat(64), Map.of("file", CONTENT));
        TargetFile file = pack.files().values().iterator().next();
        desk.putRoot(root);
        desk.putTargets(owner.targets(1, clock.instant(), file));
        desk.putTargets(owner.targets(2, clock.instant()));
        desk.putTargets(owner.targets(3, clock.instant(), file));
        LogReader reader = new LogReader((path, max) -> log.find(path), log.key());
        Checkpoint latest = reader.latest(Optional.empty());
        assertThat(latest.size()).isEqualTo(1);
        String hash = Sha256.hex(pack.logEntry().getBytes(StandardCharsets.UTF_8));
        reader.requireEntry(latest, pack.logEntry(), log.position(hash).orElseThrow());
    }

    @Test
    void candidatesAreListedForTrainingAndNeverReleased() throws Exception {
        desk.putCandidate("task-1", 1, CONTENT, Map.of());
        desk.putRoot(root);
        desk.putTargets(owner.targets(1, clock.instant()));
        assertThat(view().delegated("candidates"))
                .as("before there was a repository")
                .isEmpty();
        desk.putCandidate("task-1", 1, CONTENT, Map.of());
        desk.putCandidate("task-2", 7, new byte[] {4}, Map.of());
        desk.putCandidate("task-1", 2, new byte[] {5}, Map.of("base-model", "x"));
        assertThat(view().delegated("candidates"))
                .extracting(TargetFile::path)
                .containsExactly("candidates/task-1/2.safetensors", "candidates/task-2/7.safetensors");
        assertThat(view().released()).isEmpty();
    }

    @Test
    void holdersAreToldAMonthBeforeWhatTheySignedEnds() throws Exception {
        assertThat(desk.endings()).isEmpty();
        desk.putRoot(root);
        desk.putTargets(owner.targets(1, clock.instant()));
        assertThat(desk.endings())
                .extracting(RepositoryDesk.Ending::role, RepositoryDesk.Ending::version)
                .containsExactly(tuple("root", 1L), tuple("targets", 1L));
        assertThat(desk.due()).isEmpty();
        clock.advance(RepositoryOwner.LIFE.minus(RepositoryDesk.RENEW_BEFORE).minusDays(1));
        assertThat(desk.due()).isEmpty();
        desk.putTargets(owner.targets(2, clock.instant()));
        clock.advance(Duration.ofDays(2));
        assertThat(desk.due()).extracting(RepositoryDesk.Ending::role).containsExactly("root");
    }

    @Test
    void signaturesAreMadeAnewBeforeTheyEnd() throws Exception {
        desk.tick();
        desk.putRoot(root);
        desk.putTargets(owner.targets(1, clock.instant(), stored));
        desk.putCandidate("task-1", 1, CONTENT, Map.of());
        for (int hours = 0; hours < 24 * 40; hours += 6) {
            clock.advance(Duration.ofHours(6));
            desk.tick();
            assertThat(view().released()).as("after %d hours", hours).containsExactly(stored);
            assertThat(view().delegated("candidates")).hasSize(1);
        }
        assertThat(desk.find("1.timestamp.json")).isPresent();
        assertThat(desk.find("100.timestamp.json")).as("not at every tick").isEmpty();
    }

    @Test
    void aRootThatDevicesWouldNotFollowIsRefused() throws Exception {
        refusedRoot("root keys", owner.root(1, clock.instant(), owner.root.subList(0, 1)), "not signed by enough");
        refusedRoot("number", owner.root(2, clock.instant(), owner.root), "version 1");
        refusedRoot("bytes", new byte[] {1}, "not JSON");
        desk.putRoot(root);
        refusedRoot("again", root, "below version");
        List<Signatory> old = owner.root;
        owner.root = RepositoryOwner.holders(100);
        refusedRoot("by the new alone", owner.root(2, clock.instant(), owner.root), "not signed by enough");
        refusedRoot("by the old alone", owner.root(2, clock.instant(), old), "not signed by enough");
    }

    @Test
    void aRootWithoutThisServersKeysIsRefused() {
        for (String role : List.of("snapshot", "timestamp")) {
            RepositoryOwner other = new RepositoryOwner(keys.publicKeys());
            other.online.put(role, keys.candidates().keys());
            refusedRoot(role, other.root(1, clock.instant(), other.root), "this server's key for " + role);
        }
    }

    @Test
    void targetsThatDevicesCouldNotUseAreRefused() throws Exception {
        refused("no root", owner.targets(1, clock.instant()), "no root yet");
        desk.putRoot(root);
        refused("expired", owner.targets(1, clock.instant().minus(RepositoryOwner.LIFE)), "Expired");
        refused("version", owner.targets(2, clock.instant()), "next version is 1");
        refused("no bytes", new byte[0], "malformed");
        refused(
                "missing",
                owner.targets(1, clock.instant(), TargetFile.of("skills/a/1/b", new byte[] {9}, Map.of())),
                "not stored");
        refused(
                "length",
                owner.targets(1, clock.instant(), new TargetFile("skills/a/1/b", 4, stored.sha256(), Map.of())),
                "another length");
        List<Signatory> real = owner.targets;
        owner.targets = List.of(real.get(0), RepositoryOwner.holders(100).get(0));
        refused("unsigned", owner.targets(1, clock.instant()), "Not signed by enough");
        owner.targets = real;
        owner.online.put("candidates", keys.rollout().keys());
        refused("delegation", owner.targets(1, clock.instant()), "delegate to this server's key for candidates");
        assertThat(desk.find("timestamp.json")).isEmpty();
    }

    @Test
    void onlyMetadataHasANameHere() throws Exception {
        desk.putRoot(root);
        assertThat(desk.find("1.root.json")).contains(ByteString.copyFrom(root));
        for (String name : List.of("root.json", "0.root.json", "01.root.json", "1.root", "../1.root.json", "", "x")) {
            assertThat(desk.find(name)).as(name).isEmpty();
        }
    }

    /** What a client that knows the first root alone gets to see. */
    private RepositoryView view() throws Exception {
        Map<String, byte[]> kept = new HashMap<>();
        MetadataStore trust = new MetadataStore() {
            @Override
            public Optional<byte[]> find(String role) {
                return Optional.ofNullable(kept.get(role));
            }

            @Override
            public void keep(String role, byte[] file) {
                kept.put(role, file);
            }
        };
        return new RepositoryClient(
                        (path, max) ->
                                desk.find(path.substring("metadata/".length())).map(ByteString::toByteArray),
                        trust,
                        TrustedRoot.pinned(root))
                .refresh(clock.instant());
    }

    private void refusedRoot(String what, byte[] file, String reason) {
        assertThatThrownBy(() -> desk.putRoot(file))
                .as(what)
                .isInstanceOf(RepositoryRefusedException.class)
                .hasMessageContaining(reason);
    }

    private void refused(String what, byte[] file, String reason) {
        assertThatThrownBy(() -> desk.putTargets(file))
                .as(what)
                .isInstanceOf(RepositoryRefusedException.class)
                .hasMessageContaining(reason);
    }

    private static Signatory online(long seed) {
        return Signatory.generate(new SeededBytes(seed + 1000)::fill);
    }
}
