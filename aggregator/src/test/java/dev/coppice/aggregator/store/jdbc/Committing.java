package dev.coppice.aggregator.store.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.List;

/** A process that adds tokens in several threads until it is killed, and prints each that is in the database by then. */
final class Committing {
    private static final int THREADS = 6;

    private Committing() {}

    /** @param arguments the database's file, and what tokens begin with */
    @SuppressWarnings("SystemOut") // the process that kills this one reads it
    public static void main(String[] arguments) {
        HikariDataSource database = Database.embedded(Path.of(arguments[0]));
        JdbcStore store = new JdbcStore(database);
        for (int i = 0; i < THREADS; i++) {
            String start = arguments[1] + "-" + i + "-";
            Thread.ofPlatform().start(() -> {
                for (int number = 0; ; number++) {
                    store.addTokens(List.of(start + number), "home");
                    System.out.println(start + number + ".");
                }
            });
        }
    }
}
