package dev.coppice.aggregator.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.MaskingRound;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.folder.InputFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A masked input that a device was told was taken outlives a process that is killed then, whole and once, in the embedded database
 * and the file of its round; the next process goes on with the same file.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class InputKillTest {
    private static final int ROUNDS = Integer.getInteger("soak", 1);
    private static final int KILLS = 3;

    /** After the first input. Different ones meet the store at different work. */
    private static final long MILLIS_MAX = 900;

    @TempDir
    Path temporary;

    @Test
    void noInputThatWasTakenIsLostOrCountedTwice() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            play(temporary.resolve("round-" + round));
        }
    }

    private static void play(Path folder) throws Exception {
        Files.createDirectories(folder);
        Set<String> told = new TreeSet<>();
        for (int kill = 0; kill < KILLS; kill++) {
            told.addAll(toldUntilKilled(folder, kill));
            assertThat(told).isNotEmpty();
            try (HikariDataSource database = Database.embedded(Taking.database(folder));
                    InputFolder inputs = new InputFolder(Taking.inputs(folder))) {
                Store store = new JdbcStore(database, inputs);
                assertThat(there(store)).as("after kill %d", kill).containsAll(told);
            }
        }
        try (HikariDataSource database = Database.embedded(Taking.database(folder));
                InputFolder inputs = new InputFolder(Taking.inputs(folder))) {
            Store store = new JdbcStore(database, inputs);
            StoredRound seen = store.findRound(MaskingRound.ID).orElseThrow();
            assertThat(store.advance(seen, seen.aborted(AbortReason.HALTED))).isTrue();
            assertThat(Taking.inputs(folder)).isEmptyDirectory();
        }
    }

    /** The devices whose inputs are there, each as it was sent, counted, and in its account. */
    private static Set<String> there(Store store) {
        Set<String> there = new TreeSet<>();
        store.eachMessage(MaskingRound.ID, Step.MASKED, (device, message) -> {
            assertThat(message.equals(Taking.input(number(device)))).as(device).isTrue();
            assertThat(there.add(device)).as("%s once", device).isTrue();
            assertThat(store.parts(device)).hasSize(1);
        });
        StoredRound round = store.findRound(MaskingRound.ID).orElseThrow();
        assertThat(round.phase()).isEqualTo(Phase.MASKING);
        assertThat(round.tally().masked()).isEqualTo(there.size());
        assertThat(store.devices(MaskingRound.ID, Step.MASKED)).isEqualTo(there);
        StoredRound later = round.in(Phase.MASKING, Instant.EPOCH);
        assertThat(store.advance(round, later)).as("the store goes on").isTrue();
        return there;
    }

    private static int number(String device) {
        return Integer.parseInt(device.substring(device.indexOf('-') + 1));
    }

    private static Set<String> toldUntilKilled(Path folder, int kill) throws IOException, InterruptedException {
        long millis = MILLIS_MAX * (kill + 1) / KILLS;
        return Killed.told(Taking.class, folder, folder.resolve("told-" + kill), millis).stream()
                .filter(line -> line.endsWith("TAKEN.")) // the last one may be cut off
                .map(line -> "d-" + line.substring(0, line.indexOf(' ')))
                .collect(Collectors.toSet());
    }
}
