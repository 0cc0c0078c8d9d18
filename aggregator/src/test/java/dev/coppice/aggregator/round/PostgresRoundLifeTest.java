package dev.coppice.aggregator.round;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Postgres.class)
class PostgresRoundLifeTest extends RoundLifeContract {
    private @Nullable HikariDataSource database;

    @Override
    Store open(String name) {
        close();
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
