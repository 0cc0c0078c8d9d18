package dev.coppice.agent.policy;

import dev.coppice.agent.policy.Conditions.Link;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.Optional;

/** Says whether the device may work now, and counts what its work uses. Thread-safe. */
public final class WorkGate {
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(15);
    private static final Duration HALTED = Duration.ofHours(1);
    private static final Duration NEVER_BY_ITSELF = Duration.ofDays(1);

    private final WorkPolicy policy;
    private final Optional<ConditionSource> conditions;
    private final Consents consents;
    private final TrainingHalt halt;
    private final DailyUse use;
    private final InstantSource clock;

    /** @param conditions absent where the app sees to the device's state itself */
    public WorkGate(
            WorkPolicy policy,
            Optional<ConditionSource> conditions,
            Consents consents,
            TrainingHalt halt,
            DailyUse use,
            InstantSource clock) {
        this.policy = policy;
        this.conditions = conditions;
        this.consents = consents;
        this.halt = halt;
        this.use = use;
        this.clock = clock;
    }

    /** What is in the way of beginning this work now; empty if nothing is. */
    public Optional<NotNow> obstacle(Work work) {
        Optional<NotNow> first = obstacleToGoingOn(work);
        if (first.isPresent()) {
            return first;
        }
        if (work == Work.PERSONALIZE && halt.isHalted()) { // for rounds, the next check-in tells whether it still holds
            return later(Obstacle.HALTED, HALTED);
        }
        DailyAmount used = use.of(today());
        if (work == Work.ROUND && used.participations() >= policy.perDay().participations()) {
            return tomorrow(Obstacle.PARTICIPATIONS_SPENT);
        }
        return work.isOnline() && used.bytes() >= policy.perDay().bytes()
                ? tomorrow(Obstacle.BYTES_SPENT)
                : Optional.empty();
    }

    /**
     * Begins to count a stretch of training.
     *
     * @return to be asked between steps
     */
    public Stretch begin(Work work) {
        return new Stretch(work);
    }

    /** Counts a round that is entered, durably. */
    public void entered() throws IOException {
        use.add(today(), Duration.ZERO, 0, 1);
    }

    /** Counts what was sent and received, durably. */
    public void moved(long bytes) throws IOException {
        use.add(today(), Duration.ZERO, bytes, 0);
    }

    /** What was used today. */
    public DailyAmount usedToday() {
        return use.of(today());
    }

    /** A stretch of training. Use on one thread, and close it: what it took is counted then at the latest. */
    public final class Stretch implements AutoCloseable {
        private static final long LOOK_MILLIS = 1_000;
        private static final long NOTE_MILLIS = 10_000;

        private final Work work;
        private Instant noted = clock.instant();
        private Instant looked = clock.instant();
        private Optional<NotNow> stopped = Optional.empty();

        private Stretch(Work work) {
            this.work = work;
        }

        /** Whether training may go on; looks at the device about once a second. */
        public boolean mayGoOn() {
            Instant now = clock.instant();
            if (stopped.isPresent()) {
                return false;
            }
            if (!consented(work)) {
                stopped = Optional.of(new NotNow(Obstacle.NO_CONSENT, NEVER_BY_ITSELF));
            } else if (Duration.between(looked, now).abs().toMillis() >= LOOK_MILLIS) {
                looked = now;
                stopped = noteIfDue(now);
            }
            return stopped.isEmpty();
        }

        /** What stopped it; empty if nothing did. */
        public Optional<NotNow> stopped() {
            return stopped;
        }

        @Override
        public void close() throws IOException {
            note(clock.instant());
        }

        private Optional<NotNow> noteIfDue(Instant now) {
            if (Duration.between(noted, now).toMillis() >= NOTE_MILLIS) {
                try {
                    note(now);
                } catch (IOException e) {
                    return Optional.of(new NotNow(Obstacle.UNKNOWN_STATE, LOOK_AGAIN)); // who cannot count stops
                }
            }
            return obstacleToGoingOn(work);
        }

        private void note(Instant now) throws IOException {
            Duration since = Duration.between(noted, now);
            noted = now;
            if (since.toMillis() > 0) {
                use.add(today(), since, 0, 0);
            }
        }
    }

    private Optional<NotNow> obstacleToGoingOn(Work work) {
        if (!consented(work)) {
            return later(Obstacle.NO_CONSENT, NEVER_BY_ITSELF);
        }
        ZonedDateTime now = clock.instant().atZone(policy.zone());
        if (policy.quiet().isPresent() && policy.quiet().get().contain(now)) {
            return later(Obstacle.QUIET_HOURS, policy.quiet().get().left(now));
        }
        Optional<Obstacle> state = conditions.flatMap(source -> stateObstacle(source, work));
        if (state.isPresent()) {
            return later(state.get(), LOOK_AGAIN);
        }
        return use.of(today()).work().compareTo(policy.perDay().work()) >= 0
                ? tomorrow(Obstacle.WORK_SPENT)
                : Optional.empty();
    }

    private Optional<Obstacle> stateObstacle(ConditionSource source, Work work) {
        Conditions now;
        try {
            now = source.now();
        } catch (IOException e) {
            return Optional.of(Obstacle.UNKNOWN_STATE);
        }
        if (policy.isForCharging() && !now.isCharging()) {
            return Optional.of(Obstacle.NOT_CHARGING);
        }
        if (now.batteryPercent().orElse(100) < policy.batteryPercentMin()) {
            return Optional.of(Obstacle.BATTERY_LOW);
        }
        if (now.heat().compareTo(policy.heatMax()) > 0) {
            return Optional.of(Obstacle.TOO_HOT);
        }
        if (policy.isForIdle() && !now.isIdle()) {
            return Optional.of(Obstacle.IN_USE);
        }
        if (work.isOnline() && now.link() == Link.NONE) {
            return Optional.of(Obstacle.OFFLINE);
        }
        return work.isOnline() && policy.isForUnmetered() && now.link() == Link.METERED
                ? Optional.of(Obstacle.NETWORK_METERED)
                : Optional.empty();
    }

    private boolean consented(Work work) {
        return work.consent().isEmpty() || consents.has(work.consent().get());
    }

    private LocalDate today() {
        return clock.instant().atZone(policy.zone()).toLocalDate();
    }

    private Optional<NotNow> tomorrow(Obstacle obstacle) {
        ZonedDateTime now = clock.instant().atZone(policy.zone());
        ZonedDateTime midnight = now.toLocalDate().plusDays(1).atStartOfDay(policy.zone());
        return later(obstacle, Duration.between(now, midnight));
    }

    private static Optional<NotNow> later(Obstacle obstacle, Duration comeBack) {
        return Optional.of(new NotNow(obstacle, comeBack));
    }
}
