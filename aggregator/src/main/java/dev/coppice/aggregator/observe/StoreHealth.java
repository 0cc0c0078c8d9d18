package dev.coppice.aggregator.observe;

import com.zaxxer.hikari.HikariDataSource;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Ready: the database answers, so that requests can be. */
@Singleton
@Readiness
final class StoreHealth implements HealthIndicator {
    private static final int ANSWER_SECONDS_MAX = 2;

    private final HikariDataSource database;

    StoreHealth(HikariDataSource database) {
        this.database = database;
    }

    @Override
    public Publisher<HealthResult> getResult() {
        return Mono.fromCallable(this::look).subscribeOn(Schedulers.boundedElastic());
    }

    private HealthResult look() {
        try (Connection connection = database.getConnection()) {
            return result(connection.isValid(ANSWER_SECONDS_MAX), "it answers");
        } catch (SQLException e) {
            return result(false, "no connection");
        }
    }

    private static HealthResult result(boolean isUp, String word) {
        return HealthResult.builder("database", isUp ? HealthStatus.UP : HealthStatus.DOWN)
                .details(Map.of("says", isUp ? word : "it does not answer"))
                .build();
    }
}
