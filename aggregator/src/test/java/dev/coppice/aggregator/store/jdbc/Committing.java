package dev.coppice.aggregator.store.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.SplittableRandom;

/** A process that changes rows in several threads until it is killed, and prints each change that is committed by then. */
final class Committing {
    private static final int THREADS = 6;
    private static final int LARGE = 60_000;

    private Committing() {}

    /**
     * Never returns.
     *
     * @param arguments the database's file
     */
    public static void main(String[] arguments) throws SQLException {
        HikariDataSource database = Database.embedded(Path.of(arguments[0]));
        try (Connection connection = database.getConnection()) {
            Sql.update(connection, "create table if not exists last (id int primary key, n bigint, bytes blob)");
            Sql.update(
                    connection, "create table if not exists each (id int, n bigint, bytes blob, primary key (id, n))");
            for (int id = 0; id < THREADS; id++) {
                Sql.update(
                        connection,
                        "merge into last key (id) select ?, coalesce(max(n), 0), null from each where id = ?",
                        id,
                        id);
            }
            connection.commit();
        }
        Sql sql = new Sql(database);
        for (int i = 0; i < THREADS; i++) {
            int id = i;
            Thread.ofPlatform().start(() -> change(sql, id));
        }
        Thread.ofPlatform().start(() -> look(sql));
    }

    /** What somebody else was shown has to be there as well. */
    @SuppressWarnings("SystemOut")
    private static void look(Sql sql) {
        while (true) {
            List<String> seen = sql.transaction(
                    "look at rows",
                    connection -> Sql.list(
                            connection, row -> row.getInt(1) + " " + row.getLong(2) + ".", "select id, n from last"));
            seen.forEach(System.out::println);
        }
    }

    /** As rounds are changed: a row counts on, and one is added for good, both with bytes that now and then are many. */
    @SuppressWarnings("SystemOut") // the process that kills this one reads it
    private static void change(Sql sql, int id) {
        SplittableRandom random = new SplittableRandom(id);
        while (true) {
            byte[] bytes = new byte[random.nextInt(20) == 0 ? LARGE : 200];
            random.nextBytes(bytes);
            long n = sql.transaction("change rows", connection -> {
                long next = 1 + Sql.number(connection, "select n from last where id = ?", id);
                Sql.update(connection, "update last set n = ?, bytes = ? where id = ?", next, bytes, id);
                Sql.update(connection, "insert into each values (?, ?, ?)", id, next, bytes);
                return next;
            });
            System.out.println(id + " " + n + ".");
        }
    }
}
