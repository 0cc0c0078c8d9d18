package dev.coppice.aggregator.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A token bucket for each of many who ask: full at first, filled at a steady rate, and forgotten when it has been full for long or
 * others need the room. For any number of threads.
 */
public final class Buckets {
    private static final int KEPT_MAX = 100_000;

    private final Cache<String, Bucket> buckets;
    private final int perSecond;
    private final int burst;
    private final TimeMeter clock;

    /**
     * Buckets of one kind.
     *
     * @param perSecond how many requests a second anyone may make for long; 0 for no limit
     * @param burst how many at once
     */
    public Buckets(int perSecond, int burst) {
        this(perSecond, burst, System::nanoTime);
    }

    /** @param nanos a clock that only goes on */
    Buckets(int perSecond, int burst, LongSupplier nanos) {
        this.clock = new Nanos(nanos);
        this.perSecond = perSecond;
        this.burst = Math.max(burst, Math.max(perSecond, 1));
        Duration refilled = Duration.ofSeconds(perSecond == 0 ? 1 : 1 + this.burst / perSecond);
        this.buckets = Caffeine.newBuilder()
                .maximumSize(KEPT_MAX)
                .expireAfterAccess(refilled)
                .ticker(nanos::getAsLong)
                .build();
    }

    /** Takes one from a bucket. @return how long to wait, if there is none */
    public Optional<Duration> take(String who) {
        if (perSecond == 0) {
            return Optional.empty();
        }
        ConsumptionProbe probe = buckets.get(who, ignored -> full()).tryConsumeAndReturnRemaining(1);
        return probe.isConsumed() ? Optional.empty() : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    private Bucket full() {
        return Bucket.builder()
                .withCustomTimePrecision(clock)
                .addLimit(limit -> limit.capacity(burst).refillGreedy(perSecond, Duration.ofSeconds(1)))
                .build();
    }

    private record Nanos(LongSupplier clock) implements TimeMeter {
        @Override
        public long currentTimeNanos() {
            return clock.getAsLong();
        }

        @Override
        public boolean isWallClockBased() {
            return false;
        }
    }
}
