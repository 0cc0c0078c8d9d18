package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.testkit.SeededBytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process is killed (SIGKILL) while it writes; the next one and we find all that it had acknowledged. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KillTest {
    private static final int KILLS = 8;

    @TempDir
    Path home;

    private final Set<String> released = new HashSet<>();

    @Test
    void nothingAcknowledgedIsLostHoweverOftenTheWriterIsKilled() throws Exception {
        int examplesBefore = 0;
        int roundsBefore = 0;
        for (byte draw : draws()) {
            int[] acknowledged = runAndKill(draw & 0xff, examplesBefore, roundsBefore);
            try (ExampleStore examples = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE);
                    Ledger ledger = Ledger.open(home, TestKeys.STORAGE);
                    Releases releases = Releases.open(home.resolve("releases"), TestKeys.STORAGE)) {
                assertThat(examples.count()).isBetween(acknowledged[0], acknowledged[0] + 1);
                assertThat(rounds(ledger)).isBetween(acknowledged[1], acknowledged[1] + 1);
                checkContents(examples, ledger);
                assertThat(released).allMatch(releases::contains);
                examplesBefore = examples.count();
                roundsBefore = rounds(ledger);
            }
        }
        assertThat(examplesBefore).isGreaterThan(KILLS);
    }

    @Test
    void aHomeThatAnotherProcessHasOpenIsRefused() throws Exception {
        Process writer = start();
        try (BufferedReader lines = writer.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("open");
            assertThatThrownBy(this::takeAndFree)
                    .isInstanceOf(HomeInUseException.class)
                    .hasMessageContaining(home.toString());
        } finally {
            writer.destroyForcibly().waitFor();
        }
        takeAndFree();
    }

    @Test
    void aHomeThatThisProcessHasOpenIsRefusedToo() throws Exception {
        try (HomeLock first = HomeLock.take(home)) {
            assertThatThrownBy(this::takeAndFree).isInstanceOf(HomeInUseException.class);
            assertThat(first).isNotNull();
        }
        takeAndFree();
    }

    private void takeAndFree() throws IOException {
        try (HomeLock lock = HomeLock.take(home)) {
            assertThat(lock).isNotNull();
        }
    }

    private static byte[] draws() {
        byte[] draws = new byte[KILLS];
        new SeededBytes(11).fill(draws);
        return draws;
    }

    /** Kills after that many lines, in the middle of whatever comes next; gives the numbers acknowledged by then. */
    private int[] runAndKill(int linesBeforeKill, int examples, int rounds) throws Exception {
        int[] acknowledged = {examples, rounds};
        Process writer = start();
        try (BufferedReader lines = writer.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("open");
            String line = lines.readLine();
            for (int i = 0; line != null; i++) {
                if (i == linesBeforeKill) {
                    writer.toHandle().destroyForcibly(); // unlike Process, leaves its output readable
                }
                if (line.startsWith("released")) {
                    released.add("round-" + line.substring("released ".length()));
                } else {
                    acknowledged[line.startsWith("example") ? 0 : 1]++;
                }
                line = lines.readLine();
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        return acknowledged;
    }

    private static void checkContents(ExampleStore examples, Ledger ledger) {
        for (int i = 0; i < examples.count(); i++) {
            assertThat(examples.all().get(i).example()).isEqualTo(KilledWriter.example(i));
        }
        for (int i = 0; i < rounds(ledger); i++) {
            assertThat(ledger.hasCharged("round-" + i)).isTrue();
        }
    }

    private static int rounds(Ledger ledger) {
        return (int) ledger.ever().participations();
    }

    private Process start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        home.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
