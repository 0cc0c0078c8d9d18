package dev.coppice.agent.training;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** When something was used last. Use under its owner's lock. */
final class LastUse {
    private final InstantSource clock;
    private Instant last;

    LastUse(InstantSource clock) {
        this.clock = clock;
        this.last = clock.instant();
    }

    void isNow() {
        last = clock.instant();
    }

    /** Whether it was that long ago or longer; a clock that was set back does not keep things in use. */
    boolean isOver(Duration idle) {
        return Duration.between(last, clock.instant()).abs().compareTo(idle) >= 0;
    }
}
