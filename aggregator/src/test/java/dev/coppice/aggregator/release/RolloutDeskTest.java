package dev.coppice.aggregator.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.guard.PackFigures;
import dev.coppice.aggregator.guard.PackFigures.Cell;
import dev.coppice.aggregator.release.Rollout.GuardFigures;
import dev.coppice.aggregator.release.Rollout.GuardLimits;
import dev.coppice.aggregator.store.RepositoryStore.StoredRollouts;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.transparency.PackLog;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.crypto.trust.RolloutPolicy.Lane;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.crypto.trust.TargetsMetadata;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pack moves out no faster than it may, and comes back when guard figures say so. */
class RolloutDeskTest {
    private static final Duration SOAK = Duration.ofHours(12);
    private static final GuardLimits LIMITS = new GuardLimits(100, 0.1, 0.02, 0.01);
    private static final GuardFigures GOOD = new GuardFigures(500, 20, 2, 0.80, 0.82);

    @TempDir
    Path folder;

    private final ManualClock clock = ManualClock.atNewYear();
    private final MemoryStore store = new MemoryStore();
    private final OnlineKeys keys = new OnlineKeys(holder(1), holder(2), holder(3), holder(4));
    private RepositoryDesk repository;
    private RolloutDesk desk;
    private BlobFolder blobs;

    @BeforeEach
    void twoPacks() throws Exception {
        blobs = new BlobFolder(folder);
        PackLog log = new PackLog("test", SigningKey.generate(new SeededBytes(5)::fill));
        repository = new RepositoryDesk(store, blobs, keys, new LogDesk(store, log), clock);
        desk = new RolloutDesk(store, repository, clock);
        RepositoryOwner owner = new RepositoryOwner(keys.publicKeys());
        repository.putRoot(owner.root(1, clock.instant(), owner.root));
        blobs.put(new byte[] {1});
        TargetFile[] files = Stream.of(1L, 2L)
                .flatMap(version -> ReleasedPack.of(
                        "lights", version, "a".repeat(64), "b".repeat(64), Map.of("file", new byte[] {1}))
                        .files()
                        .values()
                        .stream())
                .toArray(TargetFile[]::new);
        repository.putTargets(owner.targets(1, clock.instant(), files));
    }

    @Test
    void stepsFollowEachOtherAfterTheirSoakAndNoSooner() throws Exception {
        begin();
        assertThat(policy()).isEqualTo(policy(1, 10, false));
        clock.advance(SOAK.minusSeconds(1));
        desk.tick();
        assertThat(policy()).isEqualTo(policy(1, 10, false));
        clock.advance(Duration.ofSeconds(1));
        desk.tick();
        desk.tick();
        assertThat(policy()).isEqualTo(policy(2, 250, false));
        clock.advance(SOAK.multipliedBy(10));
        desk.tick();
        desk.tick();
        assertThat(policy()).isEqualTo(policy(3, 1000, false));
        clock.advance(SOAK);
        desk.tick();
        assertThat(policy()).isEqualTo(policy(3, 1000, false));
    }

    @Test
    void figuresBeyondALimitSendAllDevicesBackForGood() throws Exception {
        for (GuardFigures bad : List.of(
                new GuardFigures(500, 51, 0, 0.8, 0.8),
                new GuardFigures(500, 0, 11, 0.8, 0.8),
                new GuardFigures(500, 0, 0, 0.8, 0.789),
                new GuardFigures(500, Double.NaN, 0, 0.8, 0.8),
                new GuardFigures(500, 0, Double.NaN, 0.8, 0.8),
                new GuardFigures(500, 0, 0, 0.8, Double.NaN))) {
            begin();
            desk.guard("lights", "*", GOOD);
            assertThat(policy().lanes().getFirst().halted()).isFalse();
            desk.guard("lights", "*", bad);
            assertThat(policy().lanes().getFirst().halted()).as(bad.toString()).isTrue();
            clock.advance(SOAK);
            desk.tick();
            desk.guard("lights", "*", GOOD);
            assertThat(policy().lanes()).containsExactly(new Lane("*", 2, 10, 1, true));
        }
    }

    @Test
    void figuresOfTooFewDevicesSayNothing() throws Exception {
        begin();
        desk.guard("lights", "*", new GuardFigures(99, 99, 99, 1, 0));
        desk.guard("lights", "*", new GuardFigures(Double.NaN, 99, 99, 1, 0));
        assertThat(policy()).isEqualTo(policy(1, 10, false));
    }

    @Test
    void whatARoundOfMetricsToldHaltsTheClassesThatItIsBadFor() throws Exception {
        begin();
        desk.begin("lights", rollout("phone-small"));
        desk.begin("lights", rollout("tablet"));
        Cell good = new Cell("*", 500, 20, 2, 400, 300, 310);
        Cell bad = new Cell("phone-small", 200, 40, 0, 150, 100, 100);

        desk.guard(told(1, good, bad));
        assertThat(halted()).as("another version").isEmpty();
        desk.guard(told(2));
        assertThat(halted()).as("all cells withheld").isEmpty();
        desk.guard(told(2, good, bad));
        desk.guard(told(2, good, bad));
        assertThat(halted()).containsExactly("phone-small");
        desk.guard(told(2, new Cell("*", 500, 0, 0, 400, 300, 290)));
        assertThat(halted()).as("tablets are among all others").containsExactly("*", "phone-small", "tablet");
        assertThat(desk.rollouts("lights").getFirst().haltedBecause()).contains("accuracy");
    }

    @Test
    void whereTooFewDevicesJudgedAccuracyHaltsNothing() throws Exception {
        begin();
        desk.guard(told(2, new Cell("*", 500, 0, 0, 5, 5, 0)));
        assertThat(halted()).isEmpty();
    }

    private static PackFigures told(long version, Cell... cells) {
        return new PackFigures("lights", version, "", 0, 10, List.of(cells), List.of());
    }

    private List<String> halted() throws Exception {
        return policy().lanes().stream()
                .filter(Lane::halted)
                .map(Lane::deviceClass)
                .toList();
    }

    @Test
    void anOperatorHaltsOneClassOfDevicesAndNoOther() throws Exception {
        begin();
        desk.begin("lights", rollout("phone-small"));
        desk.halt("lights", "phone-small", "it is hot");
        assertThat(policy().lanes())
                .containsExactly(new Lane("*", 2, 10, 1, false), new Lane("phone-small", 2, 10, 1, true));
        assertThat(desk.rollouts("lights").getLast().haltedBecause()).isEqualTo("it is hot");
        assertThatThrownBy(() -> desk.halt("lights", "tablet", "x")).isInstanceOf(RepositoryRefusedException.class);
    }

    @Test
    void whatReleaseKeysDoNotVouchForIsNotRolledOut() {
        for (long[] versions : new long[][] {{3, 1}, {2, 3}}) {
            Rollout other = Rollout.begin("*", versions[0], versions[1], List.of(10), SOAK, LIMITS, clock.instant());
            assertThatThrownBy(() -> desk.begin("lights", other))
                    .isInstanceOf(RepositoryRefusedException.class)
                    .hasMessageContaining("[1, 2]");
        }
        assertThat(repository.publishedSequence("lights")).isZero();
    }

    @Test
    void whatWasDecidedIsPublishedEvenIfTheProcessEndedInBetween() throws Exception {
        begin();
        var stored = store.findRollouts("lights").orElseThrow();
        store.replaceRollouts("lights", 1, new StoredRollouts(2, stored.json()));
        desk.tick();
        assertThat(policy().sequence()).isEqualTo(2);
    }

    @Test
    void stepsThatMakeNoSenseAreRefused() {
        for (List<Integer> steps :
                List.<List<Integer>>of(List.of(), List.of(0), List.of(10, 10), List.of(20, 10), List.of(1001))) {
            assertThatThrownBy(() -> Rollout.begin("*", 2, 1, steps, SOAK, LIMITS, clock.instant()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private void begin() throws Exception {
        desk.begin("lights", rollout("*"));
    }

    private Rollout rollout(String deviceClass) {
        return Rollout.begin(deviceClass, 2, 1, List.of(10, 250, 1000), SOAK, LIMITS, clock.instant());
    }

    private static RolloutPolicy policy(long sequence, int permille, boolean halted) {
        return new RolloutPolicy("lights", sequence, List.of(new Lane("*", 2, permille, 1, halted)));
    }

    /** As it is published. */
    private RolloutPolicy policy() throws Exception {
        ByteString metadata = store.latestMetadata().getOrDefault("rollout", ByteString.EMPTY);
        TargetsMetadata listed = TargetsMetadata.read(SignedFile.parse(metadata.toByteArray()));
        TargetFile file = listed.targets().values().iterator().next();
        assertThat(file.path()).isEqualTo(RolloutPolicy.path("lights"));
        return RolloutPolicy.parse(blobs.read(file.sha256()));
    }

    private static Signatory holder(long seed) {
        return Signatory.generate(new SeededBytes(seed + 100)::fill);
    }
}
