package dev.coppice.aggregator.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Tally;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Databases of the first release go on with this one, and either database's tables can be moved to the other. */
@ExtendWith(Postgres.class)
class MigrationTest {
    private static final String HASH = "ab".repeat(32);

    @TempDir
    Path folder;

    /** A database as version 7 left it: a task with a finished round and an open one, and two devices. */
    private static void atVersionSeven(String url, String user, String password, String migrations, String bytes)
            throws Exception {
        Flyway.configure()
                .dataSource(url, user, password)
                .locations("classpath:" + migrations)
                .target("7")
                .load()
                .migrate();
        String[] statements = {
            "insert into task (id, population, base_model, definition, template, finished, candidate, optimizer_state,"
                    + " version) values ('t-1', 'home', '%1$s', '{}', %2$s, false, '%1$s', %2$s, 3)",
            "insert into round (id, task_id, number, phase, version, terms, deadline, advertised, shared, masked, unmasked,"
                    + " survivors, result, reason) values ('t-1-1', 't-1', 1, 'COMPLETED', 6, %2$s, 1000, 5, 5, 4, 4, %2$s,"
                    + " '%1$s', 'NONE')",
            "insert into round (id, task_id, number, phase, version, terms, deadline, advertised, shared, masked, unmasked,"
                    + " survivors, result, reason) values ('t-1-2', 't-1', 2, 'MASKING', 3, %2$s, 2000, 2, 2, 1, 0, %2$s, '',"
                    + " 'NONE')",
            "insert into step values ('t-1-2', 'ADVERTISE', 'd-1', '%1$s', %2$s)",
            "insert into device values ('d-1', %2$s, 'home', %2$s)",
            "insert into part values ('d-1', 't-1-1', 900, 1.5)",
            "insert into metadata values ('root', 1, %2$s)",
            "insert into log_entry values (0, 'entry')",
            "insert into fault values ('d-2', 't-1-1', 'FALSE_SHARE', 'd-1')",
        };
        try (Connection connection = DriverManager.getConnection(url, user, password);
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                assertThat(statement.executeUpdate(text.formatted(HASH, bytes))).isEqualTo(1);
            }
        }
    }

    private static void assertAllThere(Store store) {
        assertThat(store.tasks())
                .singleElement()
                .satisfies(task -> assertThat(task.candidateSha256()).isEqualTo(HASH));
        StoredRound done = store.findRound("t-1-1").orElseThrow();
        assertThat(done.phase()).isEqualTo(Phase.COMPLETED);
        assertThat(done.result().devices())
                .as("not known of rounds of that time")
                .isZero();
        StoredRound open = store.findRound("t-1-2").orElseThrow();
        assertThat(open.tally()).isEqualTo(new Tally(2, 0, 2, 1, 0, 0));
        assertThat(store.messages("t-1-2", Step.ADVERTISE)).containsOnlyKeys("d-1");
        assertThat(store.findDevice("d-1").orElseThrow().population()).isEqualTo("home");
        assertThat(store.parts("d-1"))
                .singleElement()
                .satisfies(part -> assertThat(part.noiseMultiplier()).isEqualTo(1.5));
        assertThat(store.logEntries(0)).containsExactly("entry");
        assertThat(store.isFaulty("d-2")).isTrue();
    }

    @Test
    void anEmbeddedDatabaseOfVersionSevenGoesOnAndItsRoundsToo() throws Exception {
        Path file = folder.resolve("old");
        atVersionSeven("jdbc:h2:file:" + file, "coppice", "", "db/h2", "X'0102'");
        try (HikariDataSource database = Database.embedded(file)) {
            Store store = new JdbcStore(database);
            assertAllThere(store);
            StoredRound open = store.findRound("t-1-2").orElseThrow();
            assertThat(store.advance(open, open.in(Phase.ATTESTING, open.deadline())))
                    .isTrue();
        }
    }

    @Test
    void aPostgresqlDatabaseOfVersionSevenGoesOn() throws Exception {
        String url = Postgres.emptyDatabase();
        atVersionSeven(url, Postgres.USER, Postgres.PASSWORD, "db/postgresql", "'\\x0102'::bytea");
        try (HikariDataSource database = Database.postgresql(url, Postgres.USER, Postgres.PASSWORD)) {
            assertAllThere(new JdbcStore(database));
        }
    }

    /** Through the form of backups. */
    @Test
    void tablesMoveFromOneDatabaseToTheOtherAndBack() throws Exception {
        Path file = folder.resolve("moving");
        atVersionSeven("jdbc:h2:file:" + file, "coppice", "", "db/h2", "X'0102'");
        try (HikariDataSource embedded = Database.embedded(file);
                HikariDataSource postgresql = Postgres.open();
                HikariDataSource again = Database.embedded(folder.resolve("again"))) {
            Map<String, byte[]> tables = copied(embedded);
            restore(postgresql, tables);
            assertAllThere(new JdbcStore(postgresql));
            restore(again, copied(postgresql));
            assertAllThere(new JdbcStore(again));
            assertThat(copied(again).keySet()).isEqualTo(tables.keySet()).contains("input_sum", "audit");
        }
    }

    private static Map<String, byte[]> copied(HikariDataSource from) throws Exception {
        Map<String, ByteArrayOutputStream> tables = new LinkedHashMap<>();
        new TableCopy(from).write(table -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            tables.put(table, bytes);
            return new DataOutputStream(bytes);
        });
        Map<String, byte[]> copied = new LinkedHashMap<>();
        tables.forEach((table, bytes) -> copied.put(table, bytes.toByteArray()));
        return copied;
    }

    private static void restore(HikariDataSource to, Map<String, byte[]> tables) throws Exception {
        try (TableCopy.Reading reading = new TableCopy(to).reading()) {
            for (Map.Entry<String, byte[]> table : tables.entrySet()) {
                reading.next(table.getKey(), new DataInputStream(new ByteArrayInputStream(table.getValue())));
            }
            reading.keep();
        }
    }
}
