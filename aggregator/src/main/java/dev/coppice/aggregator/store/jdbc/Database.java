package dev.coppice.aggregator.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Opens databases, and brings their tables up to date. */
public final class Database {
    private static final int CONNECTIONS = 8;
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

    /** A process that vanishes in the middle of a transaction must not keep a round's row locked. */
    private static final String FREE_ROWS = "-c idle_in_transaction_session_timeout=10s";

    private Database() {}

    /**
     * The embedded database in a file of its own; one process at a time. A commit is in the file before it returns, so
     * it outlives a killed process. The caller closes it.
     */
    public static HikariDataSource embedded(Path file) {
        String url = "jdbc:h2:file:" + file.toAbsolutePath()
                + ";WRITE_DELAY=0;LOCK_TIMEOUT=20000;QUERY_CACHE_SIZE=64;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";
        return opened(url, "coppice", "", "classpath:db/h2", "");
    }

    /**
     * A PostgreSQL database, which any number of processes may share. The caller closes it.
     *
     * @param url {@code jdbc:postgresql://host:port/name}, without user or password
     * @throws IllegalArgumentException if the address is of another kind
     */
    public static HikariDataSource postgresql(String url, String user, String password) {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("a database's address begins with jdbc:postgresql:");
        }
        return opened(url, user, password, "classpath:db/postgresql", FREE_ROWS);
    }

    /** What the databases call a long string of bytes, where migrations are written for both. */
    private static String bytesType(String firstMigrations) {
        return firstMigrations.endsWith("h2") ? "blob" : "bytea";
    }

    private static HikariDataSource opened(
            String url, String user, String password, String firstMigrations, String options) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("coppice");
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setConnectionTimeout(CONNECT_MAX.toMillis());
        config.setAutoCommit(false);
        if (!options.isEmpty()) {
            config.addDataSourceProperty("options", options);
        }
        HikariDataSource source = new HikariDataSource(config);
        migrate(source, firstMigrations);
        return source;
    }

    /** The first seven differ; from the eighth on, migrations are written in what both databases understand. */
    private static void migrate(DataSource source, String firstMigrations) {
        Flyway.configure()
                .dataSource(source)
                .locations(firstMigrations, "classpath:db/common")
                .placeholders(Map.of("bytes", bytesType(firstMigrations)))
                .outOfOrder(true) // they do not depend on each other, and come from several hands
                .load()
                .migrate();
    }

    /** Work within one transaction. */
    @FunctionalInterface
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** Looks at one row and keeps nothing of it. */
    @FunctionalInterface
    interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    /** Reads one row. */
    @FunctionalInterface
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }
}
