package dev.coppice.aggregator.store;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.Database;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStoreTest extends StoreContract {
    @TempDir
    Path folder;

    private @Nullable HikariDataSource database;

    @Override
    Store open() {
        HikariDataSource opened = Database.embedded(folder.resolve("test"));
        database = opened;
        return new JdbcStore(opened, new InputFolder(folder.resolve("inputs")));
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }
}
