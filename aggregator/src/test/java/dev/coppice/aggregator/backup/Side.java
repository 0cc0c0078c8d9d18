package dev.coppice.aggregator.backup;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.aggregator.store.Rows;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.Database;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import dev.coppice.aggregator.store.jdbc.TableCopy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/** What a backup is of, or goes into: a database, blobs and secrets of one aggregator. */
record Side(HikariDataSource database, Path folder, Store store, BlobFolder blobs) implements AutoCloseable {
    static final List<String> SECRETS =
            List.of("keys/enrolment.key", "keys/server.key", "operator.token", "scraper/token");

    static Side embedded(Path folder) {
        HikariDataSource database = Database.embedded(folder.resolve("home/coppice"));
        return new Side(
                database,
                folder,
                new JdbcStore(database, new InputFolder(folder.resolve("home/inputs"))),
                new BlobFolder(folder.resolve("blobs")));
    }

    static Side postgresql(Path folder) {
        HikariDataSource database = Postgres.open();
        return new Side(database, folder, new JdbcStore(database), new BlobFolder(folder.resolve("blobs")));
    }

    Path secrets() {
        return folder.resolve("secrets");
    }

    Backup backup() {
        return new Backup(new TableCopy(database), blobs, secrets());
    }

    void makeSecrets() throws IOException {
        for (String name : SECRETS) {
            Path secret = secrets().resolve(name);
            Files.createDirectories(secret.resolveSibling(""));
            Files.writeString(secret, "secret of " + name);
        }
    }

    /** All that is in the tables, and the names of all files but the database's and blobs. */
    String content() throws SQLException, IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<String> names = files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.startsWith("home") && !name.startsWith("blobs"))
                    .sorted()
                    .toList();
            return Rows.present(database) + " " + names;
        }
    }

    byte[] secret(String name) throws IOException {
        return Files.readString(secrets().resolve(name)).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        database.close();
    }
}
