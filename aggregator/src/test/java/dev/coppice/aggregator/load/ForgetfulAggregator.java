package dev.coppice.aggregator.load;

import dev.coppice.aggregator.Application;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * An aggregator with the embedded database, which only its own process can open, that also takes a round's masked inputs out of it
 * when it is asked to: by a file {@code forget} in its home that names the round, and is gone when that is done.
 */
final class ForgetfulAggregator {
    private static final String FORGET = "forget";
    private static final long PAUSE_MILLIS = 5;

    private ForgetfulAggregator() {}

    /** As that of {@link Application}; the home is the second argument. */
    public static void main(String[] arguments) {
        Path home = Path.of(arguments[1]);
        Thread.ofPlatform().daemon().start(() -> forgetWhatever(home));
        Application.main(arguments);
    }

    /** Asks such a process, and waits until it has forgotten. */
    static void ask(Path home, String round) throws IOException, InterruptedException {
        Path aside = Files.writeString(home.resolve("forget.part"), round);
        Path file = Files.move(aside, home.resolve(FORGET), StandardCopyOption.ATOMIC_MOVE);
        while (Files.exists(file)) {
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static void forgetWhatever(Path home) {
        Path file = home.resolve(FORGET);
        try {
            while (true) {
                if (Files.exists(file)) {
                    forget(home, Files.readString(file));
                    Files.delete(file);
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (IOException | SQLException | InterruptedException e) {
            throw new IllegalStateException("what should be forgotten is not", e);
        }
    }

    private static void forget(Path home, String round) throws SQLException {
        String url = "jdbc:h2:file:" + home.resolve("coppice").toAbsolutePath();
        try (Connection connection = DriverManager.getConnection(url, "coppice", "")) {
            forget(connection, round);
        }
    }

    /** Takes a round's masked inputs out of a database. */
    static void forget(Connection connection, String round) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("delete from step where name = 'MASKED' and round_id = '" + round + "'");
            statement.execute("delete from part where round_id = '" + round + "'");
            statement.execute("update round set masked = 0 where id = '" + round + "'");
        }
        connection.commit();
    }
}
