package dev.coppice.aggregator.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Opens databases, and brings their tables up to date. */
public final class Database {
    private static final int CONNECTIONS = 8;

    private Database() {}

    /**
     * The embedded database in a file of its own; one process at a time. A commit is in the file before it returns, so
     * it outlives a killed process. The caller closes it.
     */
    public static HikariDataSource embedded(Path file) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("coppice");
        config.setJdbcUrl("jdbc:h2:file:" + file.toAbsolutePath()
                + ";WRITE_DELAY=0;LOCK_TIMEOUT=20000;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0");
        config.setUsername("coppice");
        config.setPassword("");
        config.setMaximumPoolSize(CONNECTIONS);
        config.setAutoCommit(false);
        HikariDataSource source = new HikariDataSource(config);
        migrate(source);
        return source;
    }

    private static void migrate(DataSource source) {
        Flyway.configure()
                .dataSource(source)
                .locations("classpath:db/coppice")
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
