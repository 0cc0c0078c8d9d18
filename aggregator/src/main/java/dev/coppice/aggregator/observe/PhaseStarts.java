package dev.coppice.aggregator.observe;

import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Since when rounds have been in their phases, and at all, as this process saw it. For any number of threads. */
final class PhaseStarts {
    private record Seen(Phase phase, Instant since, Instant opened) {}

    private Map<String, Seen> seen = new HashMap<>();

    /** Takes over what is open now; what is not is forgotten. */
    synchronized void update(List<StoredRound> open, Instant now) {
        Map<String, Seen> next = new HashMap<>();
        for (StoredRound round : open) {
            next.put(round.id(), next(seen.get(round.id()), round.phase(), now));
        }
        seen = next;
    }

    private static Seen next(@Nullable Seen before, Phase phase, Instant now) {
        if (before == null) {
            return new Seen(phase, now, now);
        }
        return before.phase() == phase ? before : new Seen(phase, now, before.opened());
    }

    synchronized void moved(StoredRound after, Instant now) {
        seen.put(after.id(), next(seen.get(after.id()), after.phase(), now));
    }

    /** Empty if this process has not seen it in this phase. */
    synchronized Optional<Instant> since(StoredRound round) {
        return Optional.ofNullable(seen.get(round.id()))
                .filter(kept -> kept.phase() == round.phase())
                .map(Seen::since);
    }

    /** Empty if this process has not seen it. */
    synchronized Optional<Instant> opened(StoredRound round) {
        return Optional.ofNullable(seen.get(round.id())).map(Seen::opened);
    }
}
