package dev.coppice.aggregator.console;

import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.sse.Event;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Duration;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Tells open pages that something changed, so that they fetch it. One look a second is for all of them. */
@Hidden
@Controller("/console/events")
final class EventController {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int QUIET_LOOKS_MAX = 15;

    private final Store store;
    private final Flux<Event<String>> changes;

    EventController(Store store) {
        this.store = store;
        this.changes = Flux.interval(Duration.ZERO, LOOK)
                .onBackpressureDrop()
                .publishOn(Schedulers.boundedElastic(), 1)
                .map(tick -> look())
                .distinctUntilChanged()
                .map(seen -> Event.of("changed").name("changed"))
                .replay(1)
                .refCount();
    }

    private record Seen(List<StoredRound> rounds, long audit) {}

    /** Whatever {@code rounds} says, each page asks for itself: what it may see is decided there. */
    @Get
    @Produces(MediaType.TEXT_EVENT_STREAM)
    Publisher<Event<String>> events() {
        return changes.mergeWith(Flux.interval(LOOK.multipliedBy(QUIET_LOOKS_MAX))
                .map(tick -> Event.of("still here").name("quiet")));
    }

    private Seen look() {
        long audit = store.findLastAudit().map(entry -> entry.position()).orElse(-1L);
        return new Seen(store.openRounds(), audit);
    }
}
