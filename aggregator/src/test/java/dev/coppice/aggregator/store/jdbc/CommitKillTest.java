package dev.coppice.aggregator.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What threads that commit at the same time were told is there outlives a process that is killed then. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CommitKillTest {
    private static final int KILLS = 3 * Integer.getInteger("soak", 1);

    /** After the first commit. Different ones meet the database at different work. */
    private static final long MILLIS_MAX = 1_500;

    @TempDir
    Path folder;

    @Test
    void nothingThatWasCommittedIsLost() throws Exception {
        for (int i = 0; i < KILLS; i++) {
            int kill = i;
            Map<Integer, Long> committed = committedUntilKilled(kill);
            assertThat(committed).isNotEmpty();
            try (HikariDataSource database = Database.embedded(folder.resolve("killed"))) {
                Sql sql = new Sql(database);
                committed.forEach((id, n) -> assertThat(List.of(
                                number(sql, "select n from last where id = ?", id),
                                number(sql, "select count(*) from each where id = ?", id)))
                        .as("row %d after kill %d", id, kill)
                        .allMatch(found -> found >= n)
                        .containsOnly(number(sql, "select max(n) from each where id = ?", id)));
            }
        }
    }

    private static long number(Sql sql, String query, int id) {
        return sql.transaction("look at a row", connection -> Sql.number(connection, query, id));
    }

    private Map<Integer, Long> committedUntilKilled(int kill) throws IOException, InterruptedException {
        long millis = MILLIS_MAX * (kill + 1) / KILLS;
        Path told = folder.resolve("told-" + kill);
        return Killed.told(Committing.class, folder.resolve("killed"), told, millis).stream()
                .filter(line -> line.endsWith(".")) // the last one may be cut off
                .map(line -> line.substring(0, line.length() - 1).split(" ", -1))
                .collect(Collectors.toMap(
                        words -> Integer.valueOf(words[0]), words -> Long.valueOf(words[1]), Math::max));
    }
}
