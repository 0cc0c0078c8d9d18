package dev.coppice.aggregator.store;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.jdbc.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** A real PostgreSQL server for test classes that are extended with it: one for all of them, stopped after the last test. */
public final class Postgres implements BeforeAllCallback {
    public static final String USER = "postgres";
    public static final String PASSWORD = "postgres";

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static volatile @Nullable EmbeddedPostgres running;

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot().getStore(Namespace.GLOBAL).getOrComputeIfAbsent(Postgres.class, key -> start());
    }

    private static AutoCloseable start() {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off") // no test cuts the power
                    .start();
            running = server;
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL does not start", e);
        }
    }

    /** The address of a new database, which is empty. */
    public static synchronized String emptyDatabase() {
        String name = "test" + DATABASES.incrementAndGet();
        execute("create database " + name);
        return "jdbc:postgresql://127.0.0.1:" + server().getPort() + "/" + name;
    }

    /** Takes a database away from whoever uses it. */
    public static void drop(String address) {
        execute("drop database " + address.substring(address.lastIndexOf('/') + 1) + " with (force)");
    }

    private static void execute(String command) {
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(command);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not " + command, e);
        }
    }

    private static EmbeddedPostgres server() {
        EmbeddedPostgres server = running;
        if (server == null) {
            throw new IllegalStateException("The test class is not extended with Postgres");
        }
        return server;
    }

    /** An open database with Coppice's tables, for the caller to close. */
    public static HikariDataSource open() {
        return Database.postgresql(emptyDatabase(), USER, PASSWORD);
    }
}
