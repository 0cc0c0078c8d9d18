package dev.coppice.aggregator.observe;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.limits.BodyRoom;
import dev.coppice.aggregator.round.Signals;
import dev.coppice.aggregator.store.kafka.KafkaInputLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Value;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Makes what looks on. */
@Factory
final class Observing {
    @Singleton
    RoundMetrics roundMetrics(MeterRegistry registry) {
        return new RoundMetrics(registry);
    }

    /** Off unless somebody is named who takes them. */
    @Singleton
    @Requires(property = "coppice.otlp.endpoint")
    @Bean(preDestroy = "close")
    RoundTraces traces(@Value("${coppice.otlp.endpoint}") String endpoint) {
        return new RoundTraces(BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build())
                .setScheduleDelay(Duration.ofSeconds(1))
                .build());
    }

    /** Figures of queues and pools. */
    @Context
    Pools pools(MeterRegistry registry, HikariDataSource database, BodyRoom room, Signals signals) {
        database.setMetricRegistry(registry);
        registry.gauge("coppice.bodies.bytes", room, BodyRoom::taken);
        registry.gauge("coppice.polls.waiting", signals, Signals::waiting);
        return new Pools();
    }

    /** How far sums are behind, where inputs are in a log. */
    @Context
    @Requires(property = "coppice.kafka.bootstrap")
    Lag lag(MeterRegistry registry, KafkaInputLog log) {
        registry.gauge("coppice.inputs.lag", log, KafkaInputLog::lag);
        return new Lag();
    }

    /** That it is measured. */
    record Lag() {}

    /** That they are measured. */
    record Pools() {}
}
