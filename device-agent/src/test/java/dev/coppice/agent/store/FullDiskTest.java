package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is really full: a file system of 256 kB in memory, where we may mount one. What was acknowledged stays, what does
 * not fit is refused in plain words, and once there is room again everything goes on.
 */
@Timeout(120)
class FullDiskTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    Path folder;

    private Path disk;
    private Path ballast;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString()),
                "a small file system cannot be mounted here");
        ballast = disk.resolve("ballast");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    @Test
    void aJournalLosesNothingAndGoesOnOnceThereIsRoom() throws Exception {
        Files.write(ballast, new byte[40_000]);
        List<String> acknowledged = new ArrayList<>();
        try (ExampleStore store = ExampleStore.open(disk.resolve("examples"), TestKeys.STORAGE)) {
            Optional<StoreFailedException> full = Optional.empty();
            for (int i = 0; full.isEmpty(); i++) {
                full = add(store, "text " + i + " " + "x".repeat(1000), acknowledged);
            }
            assertThat(full.get())
                    .hasMessageContaining("examples cannot be written")
                    .hasMessageContaining("No space left");
            assertThat(acknowledged).hasSizeGreaterThan(100);
            for (int i = 0; i < 20; i++) {
                assertThat(add(store, "y".repeat(20_000), acknowledged)).isPresent();
            }
            assertThat(texts(store)).isEqualTo(acknowledged);
            assertThat(reopened()).isEqualTo(acknowledged);
            Files.delete(ballast);
            assertThat(add(store, "a little room", acknowledged)).isEmpty();
            assertThat(store.expire(NOW, Duration.ofDays(9), 5)).isPositive();
            acknowledged.subList(0, acknowledged.size() - 5).clear();
            assertThat(add(store, "there is room", acknowledged)).isEmpty();
            assertThat(texts(store)).isEqualTo(acknowledged);
        }
        assertThat(reopened()).isEqualTo(acknowledged);
    }

    @Test
    void aStateStaysAsItWas() throws Exception {
        StateFile state = new StateFile(disk.resolve("packs"), 1 << 20, TestKeys.STORAGE);
        state.write(new byte[] {1, 2, 3});
        fill();
        for (int i = 0; i < 3; i++) {
            assertFails(() -> state.write(new byte[100_000]));
            assertThat(state.read())
                    .hasValueSatisfying(bytes -> assertThat(bytes).containsExactly(1, 2, 3));
        }
        Files.delete(ballast);
        state.write(new byte[100_000]);
        assertThat(state.read()).hasValueSatisfying(bytes -> assertThat(bytes).hasSize(100_000));
    }

    @Test
    void aRoundThatCannotBeChargedIsNotEnteredAndALaterOneIs() throws Exception {
        PeriodBudget budget = new PeriodBudget(1e9, 1e-8, 1_000_000, Duration.ofDays(90));
        long[] charged = {1};
        try (Ledger ledger = Ledger.open(disk, TestKeys.STORAGE)) {
            ledger.enter("round-0");
            ledger.charge(spending(0), budget, NOW);
            fill();
            assertFails(() -> {
                for (int i = 1; i < 1000; i++) {
                    ledger.charge(spending(i), budget, NOW);
                    charged[0]++;
                }
            });
            assertThat(ledger.ever().participations()).isEqualTo(charged[0]);
            Files.delete(ballast);
            ledger.charge(spending(5000), budget, NOW);
        }
        try (Ledger ledger = Ledger.open(disk, TestKeys.STORAGE)) {
            assertThat(ledger.ever().participations()).isEqualTo(charged[0] + 1);
            assertThat(ledger.hasEntered("round-0")).isTrue();
        }
    }

    @Test
    void aPartOfAPackStaysAndIsGoneOnWith() throws Exception {
        PartialFile part = PartialFile.open(disk.resolve("partial"), "x", 1 << 20);
        part.begin("tag");
        part.add(new byte[50_000]);
        fill();
        assertFails(() -> part.add(new byte[50_000]));
        assertThat(part.size()).isEqualTo(50_000);
        Files.delete(ballast);
        PartialFile again = PartialFile.open(disk.resolve("partial"), "x", 1 << 20);
        assertThat(again.tag()).isEqualTo("tag");
        assertThat(again.size()).isBetween(50_000L, 100_000L);
    }

    private static Spending spending(int number) {
        return new Spending("round-" + number, "lights", "device", new Charge(4), NOW);
    }

    /** Empty if it was taken. */
    private static Optional<StoreFailedException> add(ExampleStore store, String text, List<String> acknowledged)
            throws IOException {
        try {
            store.add(List.of(new KeptExample(new Example(text, "on"), NOW, false)));
            acknowledged.add(text);
            return Optional.empty();
        } catch (StoreFailedException e) {
            return Optional.of(e);
        }
    }

    private List<String> reopened() throws IOException {
        try (ExampleStore store = ExampleStore.open(disk.resolve("examples"), TestKeys.STORAGE)) {
            return texts(store);
        }
    }

    private static List<String> texts(ExampleStore store) {
        return store.all().stream().map(kept -> kept.example().text()).toList();
    }

    private interface Writing {
        void run() throws Exception;
    }

    private static void assertFails(Writing writing) throws Exception {
        Optional<StoreFailedException> failed = Optional.empty();
        try {
            writing.run();
        } catch (StoreFailedException e) {
            failed = Optional.of(e);
        }
        assertThat(failed).hasValueSatisfying(e -> assertThat(e).hasMessageContaining("No space left"));
    }

    /** To the last byte. */
    private void fill() throws IOException {
        byte[] page = new byte[4096];
        try (var out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static boolean run(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(Arrays.asList(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0 && !said.contains("denied");
        } catch (IOException e) {
            return false; // there is no such command
        }
    }
}
