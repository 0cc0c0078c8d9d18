package dev.coppice.aggregator.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.Postgres;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What else is copied, and back, is in {@code BackupFileTest}. */
@ExtendWith(Postgres.class)
class TableCopyTest {
    @TempDir
    Path folder;

    @Test
    void allTablesOfTheEmbeddedDatabaseAreOfOneMoment() throws Exception {
        try (HikariDataSource database = Database.embedded(folder.resolve("database"))) {
            assertOfOneMoment(database);
        }
    }

    @Test
    void allTablesOfAPostgresqlDatabaseAreOfOneMoment() throws Exception {
        try (HikariDataSource database = Postgres.open()) {
            assertOfOneMoment(database);
        }
    }

    /** Another connection adds a row to each of two tables, in one transaction, after one of them was read and before the other. */
    private static void assertOfOneMoment(HikariDataSource database) throws Exception {
        Map<String, Integer> before = bytesByTable(database, table -> {});
        List<String> order = List.copyOf(before.keySet());
        assertThat(order.indexOf("lease")).isLessThan(order.indexOf("log_entry"));
        assertThat(bytesByTable(database, table -> {
                    if (table.equals("log_entry")) {
                        addToBoth(database);
                    }
                }))
                .isEqualTo(before);
        assertThat(bytesByTable(database, table -> {}))
                .as("the next")
                .doesNotContainEntry("lease", before.get("lease"))
                .doesNotContainEntry("log_entry", before.get("log_entry"));
    }

    private static void addToBoth(HikariDataSource database) throws SQLException {
        try (Connection connection = database.getConnection()) {
            Sql.update(connection, "insert into lease values ('lease', 'owner', 0)");
            Sql.update(connection, "insert into log_entry values (0, 'entry')");
            connection.commit();
        }
    }

    private interface Meanwhile {
        void before(String table) throws SQLException;
    }

    /** In the order in which tables are copied. */
    private static Map<String, Integer> bytesByTable(HikariDataSource database, Meanwhile meanwhile)
            throws IOException {
        Map<String, ByteArrayOutputStream> copies = new LinkedHashMap<>();
        new TableCopy(database).write(table -> {
            try {
                meanwhile.before(table);
            } catch (SQLException e) {
                throw new IOException(e);
            }
            copies.put(table, new ByteArrayOutputStream());
            return new DataOutputStream(copies.get(table));
        });
        Map<String, Integer> bytes = new LinkedHashMap<>();
        copies.forEach((table, copy) -> bytes.put(table, copy.size()));
        return bytes;
    }

    /** Rather than leave it out: who adds a kind of column teaches it to backups. */
    @Test
    void aColumnOfAKindThatNoBackupKnowsIsAnError() throws Exception {
        try (HikariDataSource database = Database.embedded(folder.resolve("database"));
                Connection connection = database.getConnection()) {
            Sql.update(connection, "create table later (opened date not null)");
            Sql.update(connection, "insert into later values (date '2026-01-01')");
            connection.commit();
            assertThatThrownBy(() -> bytesByTable(database, table -> {}))
                    .hasRootCauseMessage("No backup knows columns like OPENED, DATE");
        }
    }
}
