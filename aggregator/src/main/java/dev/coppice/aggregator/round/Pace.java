package dev.coppice.aggregator.round;

import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * When devices are told to come back: so that as many come as rounds need, and never all at once (pace steering; Bonawitz and
 * others, Towards federated learning at scale, 2019, section 2.3). Few devices are all told to come soon, and so meet in one
 * round; of many, each comes the more seldom the more there are. All times are drawn from an interval whose end is three to
 * five times its beginning, so that devices that came together do not come together again. For any number of threads.
 */
public final class Pace {
    /**
     * Bounds.
     *
     * @param soonest wait of a device that is needed
     * @param idle shortest wait where there is no task
     * @param checkInsPerSecond most that come of one population in the long run, above 0
     */
    public record Bounds(Duration soonest, Duration idle, double checkInsPerSecond) {
        public Bounds {
            if (soonest.isNegative() || idle.isNegative() || !(checkInsPerSecond > 0)) {
                throw new IllegalArgumentException("times are 0 or more, and check-ins a second above 0");
            }
        }
    }

    /** Waits are drawn from so many times the shortest one down to that. */
    private static final double SPREAD = 5;

    private static final double IDLE_SPREAD = 3;

    /** A day on the average, unless so many devices would be too many. */
    private static final double NEEDED_SECONDS_MAX = 86_400 / mean(SPREAD);

    /** What a device may be told. */
    private static final double SECONDS_MAX = 7 * 86_400;

    private final Bounds bounds;
    private final RandomSource random;

    public Pace(Bounds bounds, RandomSource random) {
        this.bounds = bounds;
        this.random = random;
    }

    /**
     * The wait of a device that a task could use.
     *
     * @param devices that come by, all in all
     * @param wantedPerSecond how many should come in a second while rounds wait for them
     * @param untilOpening how long until a round waits, zero if one does or may at any time
     */
    public Duration needed(long devices, double wantedPerSecond, Duration untilOpening) {
        double forRounds = Math.min(devices / (mean(SPREAD) * wantedPerSecond), NEEDED_SECONDS_MAX);
        double shortest = Math.max(bounds.soonest().toMillis() / 1e3, Math.max(forRounds, forUs(devices, SPREAD)));
        double wait = drawn(shortest, SPREAD);
        double opening = untilOpening.toMillis() / 1e3;
        return seconds(wait >= opening ? wait : opening + drawn(shortest, SPREAD) - shortest);
    }

    /** The wait of a device that no task can use. */
    public Duration idle(long devices) {
        double shortest = Math.max(bounds.idle().toMillis() / 1e3, forUs(devices, IDLE_SPREAD));
        return seconds(drawn(shortest, IDLE_SPREAD));
    }

    /** So that no more come than may. */
    private double forUs(long devices, double spread) {
        return devices / (mean(spread) * bounds.checkInsPerSecond());
    }

    /** Of an interval from one to {@code spread}. */
    private static double mean(double spread) {
        return (1 + spread) / 2;
    }

    private double drawn(double shortest, double spread) {
        long bits = ByteBuffer.wrap(random.bytes(Long.BYTES)).getLong() >>> 11;
        return shortest * (1 + (spread - 1) * (bits * 0x1p-53));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis((long) (Math.min(seconds, SECONDS_MAX) * 1e3));
    }
}
