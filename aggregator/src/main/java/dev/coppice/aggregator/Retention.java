package dev.coppice.aggregator;

import dev.coppice.aggregator.store.RetentionStore;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forgets what was kept long enough. */
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private final RetentionStore store;
    private final RetentionSettings settings;
    private final InstantSource clock;

    Retention(RetentionStore store, RetentionSettings settings, InstantSource clock) {
        this.store = store;
        this.settings = settings;
        this.clock = clock;
    }

    /** To be called every now and then; any process may. */
    void tick() {
        Instant now = clock.instant();
        int steps = store.forgetSteps(now.minus(settings.steps()));
        int parts = store.forgetParts(now.minus(settings.parts()));
        if (steps + parts > 0) {
            LOG.info("Forgot {} steps of rounds and {} participations that are old", steps, parts);
        }
    }
}
