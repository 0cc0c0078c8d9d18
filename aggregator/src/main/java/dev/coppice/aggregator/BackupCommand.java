package dev.coppice.aggregator;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.backup.Backup;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.jdbc.TableCopy;
import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** {@code coppice aggregator backup} and {@code restore}: the same options as the aggregator's, and a file. */
final class BackupCommand {
    static final String BACKUP = "backup";
    static final String RESTORE = "restore";

    private BackupCommand() {}

    /**
     * Runs one of the two.
     *
     * @param properties of the aggregator, as its command line gives them
     * @return what was done, in a sentence
     */
    @SuppressWarnings("try") // the claim is held, not used
    @CanIgnoreReturnValue
    static String run(String command, Path file, Map<String, Object> properties) throws IOException {
        Settings settings = new Settings(
                text(properties, "coppice.home", ""),
                text(properties, "coppice.secrets", ""),
                text(properties, "coppice.blobs", ""),
                environment("COPPICE_S3_ENDPOINT", ""),
                environment("COPPICE_S3_REGION", "us-east-1"),
                Duration.ZERO,
                Duration.ZERO);
        DatabaseSettings database = new DatabaseSettings(
                text(properties, "coppice.database.url", ""),
                environment("COPPICE_DATABASE_USER", "coppice"),
                environment("COPPICE_DATABASE_PASSWORD", ""));
        // The embedded database is one process's; another may be backed up while its replicas run.
        try (FileLock ignored = Home.claim(settings.homeFolder());
                HikariDataSource source = Wiring.opened(new Home(settings.homeFolder()), database)) {
            BlobStore blobs = Wiring.opened(settings);
            Backup backup = new Backup(new TableCopy(source), blobs, settings.secretsFolder());
            if (command.equals(BACKUP)) {
                backup.write(file);
                return "Backed up into " + file + ", " + Files.size(file)
                        + " bytes with all keys in them: keep it as you keep those";
            }
            backup.restore(file);
            return "Restored from " + file + ": the aggregator can be started there";
        }
    }

    private static String text(Map<String, Object> properties, String name, String otherwise) {
        return String.valueOf(properties.getOrDefault(name, otherwise));
    }

    private static String environment(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }
}
