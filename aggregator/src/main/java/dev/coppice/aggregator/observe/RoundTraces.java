package dev.coppice.aggregator.observe;

import dev.coppice.aggregator.round.RoundWatch;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.crypto.Sha256;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One trace for each round, with a span for each of its phases. Trace and root span have ids that follow from the round's, so
 * that replicas which moved it on in turn tell of one trace.
 */
final class RoundTraces implements RoundWatch, AutoCloseable {
    private static final AttributeKey<String> ROUND = AttributeKey.stringKey("coppice.round.id");
    private static final AttributeKey<String> TASK = AttributeKey.stringKey("coppice.task.id");
    private static final AttributeKey<Long> NUMBER = AttributeKey.longKey("coppice.round.number");
    private static final AttributeKey<Long> ADVERTISED = AttributeKey.longKey("coppice.round.advertised");
    private static final AttributeKey<Long> MASKED = AttributeKey.longKey("coppice.round.masked");
    private static final AttributeKey<Long> IN_SUM = AttributeKey.longKey("coppice.round.in_sum");

    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final PhaseStarts starts = new PhaseStarts();

    /** @param processor takes the spans; closed with this */
    RoundTraces(SpanProcessor processor) {
        this.provider = SdkTracerProvider.builder()
                .setResource(
                        Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "coppice-aggregator")))
                .setIdGenerator(new RoundIds())
                .addSpanProcessor(processor)
                .build();
        this.tracer = provider.get("dev.coppice.aggregator");
    }

    /** The ids of a round's root span; random ones for all else. */
    private static final class RoundIds implements IdGenerator {
        private final IdGenerator random = IdGenerator.random();
        private static final ThreadLocal<@Nullable String> ROOT = new ThreadLocal<>();

        @Override
        public String generateTraceId() {
            String round = ROOT.get();
            return round == null ? random.generateTraceId() : traceId(round);
        }

        @Override
        public String generateSpanId() {
            String round = ROOT.get();
            return round == null ? random.generateSpanId() : spanId(round);
        }

        private static String hash(String round) {
            return Sha256.hex(("coppice/trace/" + round).getBytes(StandardCharsets.UTF_8));
        }

        static String traceId(String round) {
            return hash(round).substring(0, TraceId.getLength());
        }

        static String spanId(String round) {
            return hash(round).substring(TraceId.getLength(), TraceId.getLength() + SpanId.getLength());
        }
    }

    @Override
    public void areOpen(List<StoredRound> rounds, Instant now) {
        starts.update(rounds, now);
    }

    @Override
    public void moved(StoredRound before, StoredRound after, Instant now) {
        Instant opened = starts.opened(before).orElse(now);
        phase(before, after, starts.since(before).orElse(now), now);
        starts.moved(after, now);
        if (after.phase().isOver()) {
            root(after, opened, now);
        }
    }

    private void phase(StoredRound before, StoredRound after, Instant since, Instant now) {
        SpanContext parent = SpanContext.createFromRemoteParent(
                RoundIds.traceId(before.id()),
                RoundIds.spanId(before.id()),
                TraceFlags.getSampled(),
                TraceState.getDefault());
        Span span = tracer.spanBuilder(before.phase().name())
                .setParent(Context.root().with(Span.wrap(parent)))
                .setStartTimestamp(since.toEpochMilli(), TimeUnit.MILLISECONDS)
                .setAllAttributes(attributes(after))
                .startSpan();
        end(span, after, now);
    }

    private void root(StoredRound round, Instant opened, Instant now) {
        RoundIds.ROOT.set(round.id());
        try {
            Span span = tracer.spanBuilder("round")
                    .setNoParent()
                    .setStartTimestamp(opened.toEpochMilli(), TimeUnit.MILLISECONDS)
                    .setAllAttributes(attributes(round))
                    .setAttribute(IN_SUM, (long) round.result().devices())
                    .startSpan();
            end(span, round, now);
        } finally {
            RoundIds.ROOT.remove();
        }
    }

    private static Attributes attributes(StoredRound round) {
        return Attributes.builder()
                .put(ROUND, round.id())
                .put(TASK, round.taskId())
                .put(NUMBER, (long) round.number())
                .put(ADVERTISED, (long) round.tally().advertised())
                .put(MASKED, (long) round.tally().masked())
                .build();
    }

    private static void end(Span span, StoredRound after, Instant now) {
        if (after.phase() == Phase.ABORTED) {
            span.setStatus(StatusCode.ERROR, after.reason().name());
        }
        span.end(now.toEpochMilli(), TimeUnit.MILLISECONDS);
    }

    /** Sends what was not sent yet. */
    @Override
    public void close() {
        provider.close();
    }
}
