package dev.coppice.aggregator.store;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Postgres.class)
class PostgresStoreTest extends StoreContract {
    private @Nullable HikariDataSource database;

    @Override
    Store open() {
        HikariDataSource opened = Postgres.open();
        database = opened;
        return new JdbcStore(opened);
    }

    @AfterEach
    void close() {
        if (database != null) {
            database.close();
        }
    }
}
