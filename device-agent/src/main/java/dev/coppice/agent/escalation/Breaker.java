package dev.coppice.agent.escalation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Leaves a server alone that failed several times in a row: for a while, then one try, and twice as long if that fails
 * too. Thread-safe.
 */
final class Breaker {
    private static final int FAILURES_MAX = 3;
    private static final Duration PAUSE_FIRST = Duration.ofSeconds(30);
    private static final Duration PAUSE_MAX = Duration.ofHours(1);

    private final InstantSource clock;
    private int failures;
    private Duration pause = PAUSE_FIRST;
    private Instant closedUntil = Instant.MIN;

    Breaker(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether to ask now. Whoever hears yes says what came of it; after failures only one at a time does. */
    synchronized boolean allows() {
        Instant now = clock.instant();
        if (failures < FAILURES_MAX) {
            return true;
        }
        if (now.isBefore(closedUntil)) {
            return false;
        }
        closedUntil = now.plus(pause); // for all others, while one tries
        return true;
    }

    synchronized void succeeded() {
        failures = 0;
        pause = PAUSE_FIRST;
        closedUntil = Instant.MIN;
    }

    synchronized void failed() {
        failures++;
        if (failures < FAILURES_MAX) {
            return;
        }
        if (failures > FAILURES_MAX) {
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
        }
        closedUntil = clock.instant().plus(pause);
    }
}
