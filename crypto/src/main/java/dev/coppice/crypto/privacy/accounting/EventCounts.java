package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Composed;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.SelfComposed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The single events that a composition comes to, and how often each is in it. */
final class EventCounts {
    private final Map<PrivacyEvent, Long> counts = new LinkedHashMap<>();

    private EventCounts() {}

    static EventCounts of(PrivacyEvent event) {
        EventCounts counts = new EventCounts();
        counts.add(event, 1);
        return counts;
    }

    /** Each once, in the order of the composition. */
    Set<PrivacyEvent> events() {
        return counts.keySet();
    }

    long count(PrivacyEvent event) {
        return counts.getOrDefault(event, 0L);
    }

    private void add(PrivacyEvent event, long times) {
        if (times == 0) {
            return;
        }
        if (event instanceof Composed composed) {
            composed.events().forEach(part -> add(part, times));
        } else if (event instanceof SelfComposed repeated) {
            add(repeated.event(), Math.multiplyExact(times, repeated.count()));
        } else {
            counts.merge(event, times, Math::addExact);
        }
    }
}
