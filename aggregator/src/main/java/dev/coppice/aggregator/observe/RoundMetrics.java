package dev.coppice.aggregator.observe;

import dev.coppice.aggregator.round.RoundWatch;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Tally;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Rounds in figures. How many are open is the same on each replica; what came of rounds, and how long phases took, is told by the
 * replica that moved them on. Labels are phases, outcomes, reasons and steps: their values are the enums'.
 */
final class RoundMetrics implements RoundWatch {
    private static final Duration LONGEST = Duration.ofHours(1);

    private final MeterRegistry registry;
    private final PhaseStarts starts = new PhaseStarts();
    private final Map<Phase, AtomicInteger> open = new EnumMap<>(Phase.class);

    RoundMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Phase phase : Phase.values()) {
            if (!phase.isOver()) {
                AtomicInteger count = new AtomicInteger();
                Gauge.builder("coppice.rounds.open", count, AtomicInteger::get)
                        .tags(tags("phase", phase))
                        .register(registry);
                open.put(phase, count);
            }
        }
    }

    private static List<Tag> tags(String name, Enum<?> value) {
        return List.of(Tag.of(name, value.name()));
    }

    @Override
    public void areOpen(List<StoredRound> rounds, Instant now) {
        starts.update(rounds, now);
        open.forEach((phase, count) -> count.set(
                (int) rounds.stream().filter(round -> round.phase() == phase).count()));
    }

    @Override
    public void moved(StoredRound before, StoredRound after, Instant now) {
        starts.since(before).ifPresent(since -> phase(before.phase()).record(Duration.between(since, now)));
        starts.moved(after, now);
        if (after.phase().isOver()) {
            ended(after);
        }
    }

    private Timer phase(Phase phase) {
        return Timer.builder("coppice.round.phase")
                .description("How long phases took")
                .tags(tags("phase", phase))
                .publishPercentileHistogram()
                .maximumExpectedValue(LONGEST)
                .register(registry);
    }

    private void ended(StoredRound round) {
        AbortReason reason = round.reason();
        registry.counter("coppice.rounds.ended", "outcome", round.phase().name(), "reason", reason.name())
                .increment();
        if (round.phase() == Phase.COMPLETED) {
            registry.counter("coppice.round.inputs").increment(round.result().devices());
        }
        Tally tally = round.tally();
        lost("SHARES", tally.advertised(), tally.shared());
        lost("MASKED", tally.shared(), tally.masked());
        if (round.phase() == Phase.COMPLETED) {
            lost("ATTEST", tally.masked(), tally.attested());
            lost("UNMASK", tally.attested(), tally.unmasked());
        }
    }

    private void lost(String step, int before, int after) {
        registry.counter("coppice.round.dropouts", "step", step).increment(Math.max(0, before - after));
    }
}
