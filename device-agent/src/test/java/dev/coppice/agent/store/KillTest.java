package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.testkit.SeededBytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process is killed (SIGKILL) while it writes; the next one and we find all that it had acknowledged. */
class KillTest {
    /** -Dsoak=250 for 2,000. */
    private static final int KILLS = 8 * Integer.getInteger("soak", 1);

    /** Each kill is followed by a look at all that was ever written to the home. */
    private static final int KILLS_OF_A_HOME = 100;

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // before each test
    private Path home;

    private final Set<String> released = new HashSet<>();

    @BeforeEach
    void firstHome() throws IOException {
        home = Files.createDirectory(folder.resolve("0"));
    }

    @Test
    void nothingAcknowledgedIsLostHoweverOftenTheWriterIsKilled() throws Exception {
        Acknowledged before = new Acknowledged(-1, -1, 0);
        int kills = 0;
        for (byte draw : draws()) {
            if (kills > 0 && kills % KILLS_OF_A_HOME == 0) {
                home = Files.createDirectory(folder.resolve(Integer.toString(kills)));
                before = new Acknowledged(-1, -1, 0);
                released.clear();
            }
            kills++;
            Acknowledged acknowledged = runAndKill(draw & 0xff, before);
            try (ExampleStore examples = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE);
                    Ledger ledger = Ledger.open(home, TestKeys.STORAGE);
                    Releases releases = Releases.open(home.resolve("releases"), TestKeys.STORAGE)) {
                before = new Acknowledged(KilledWriter.next(examples) - 1, state(), rounds(ledger));
                assertThat(before.example).isBetween(acknowledged.example, acknowledged.example + 1);
                assertThat(before.state).isIn(acknowledged.state, acknowledged.example);
                assertThat(before.rounds).isBetween(acknowledged.rounds, acknowledged.rounds + 1);
                checkContents(examples, ledger);
                assertThat(released).allMatch(releases::contains);
            }
        }
        assertThat(before.example).isGreaterThan((KILLS - 1) % KILLS_OF_A_HOME);
    }

    /** Numbers of the last example and state, and of rounds. */
    private record Acknowledged(int example, int state, int rounds) {}

    /** The number of the state, which is as it was written whole; -1 before the first. */
    private int state() throws IOException {
        Optional<byte[]> state = new StateFile(home.resolve("personal"), 1 << 20, TestKeys.STORAGE).read();
        if (state.isEmpty()) {
            return -1;
        }
        int number = ByteBuffer.wrap(state.get()).getInt();
        assertThat(state.get()).isEqualTo(KilledWriter.state(number));
        return number;
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
        new SeededBytes(Long.getLong("seed", 11)).fill(draws);
        return draws;
    }

    /** Kills after that many lines, in the middle of whatever comes next; gives what was acknowledged by then. */
    private Acknowledged runAndKill(int linesBeforeKill, Acknowledged before) throws Exception {
        int example = before.example;
        int state = before.state;
        int rounds = before.rounds;
        Process writer = start();
        try (BufferedReader lines = writer.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("open");
            String line = lines.readLine();
            for (int i = 0; line != null; i++) {
                if (i == linesBeforeKill) {
                    writer.toHandle().destroyForcibly(); // unlike Process, leaves its output readable
                }
                int number = Integer.parseInt(line.substring(line.indexOf(' ') + 1));
                switch (line.substring(0, line.indexOf(' '))) {
                    case "example" -> example = number;
                    case "state" -> state = number;
                    case "round" -> rounds = number + 1;
                    default -> released.add("round-" + number);
                }
                line = lines.readLine();
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        return new Acknowledged(example, state, rounds);
    }

    private static void checkContents(ExampleStore examples, Ledger ledger) {
        assertThat(examples.count()).isLessThanOrEqualTo(KilledWriter.EXAMPLES_MAX + 1);
        for (KeptExample kept : examples.all()) {
            assertThat(kept.example()).isEqualTo(KilledWriter.example(KilledWriter.number(kept.example())));
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
