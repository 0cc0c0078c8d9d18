package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.testkit.SeededBytes;
import java.time.Duration;
import java.util.BitSet;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

/** Arrivals in virtual time: devices that do nothing but come when they are told to. */
class PaceTest {
    private static final Pace.Bounds BOUNDS = new Pace.Bounds(Duration.ofMinutes(1), Duration.ofHours(1), 100);
    private static final int SECONDS_A_DAY = 86_400;

    private final Pace pace = new Pace(BOUNDS, new SeededBytes(1)::fill);

    /** What a device is told when it comes, by how many were seen and the second that it is. */
    private interface Answer {
        Duration at(int seen, int second);
    }

    /**
     * Devices that all come first within a minute.
     *
     * @return arrivals in each second
     */
    private static int[] arrivals(int devices, int seconds, Answer answer) {
        record Arrival(long millis, int device) {}
        PriorityQueue<Arrival> due = new PriorityQueue<>((a, b) -> Long.compare(a.millis(), b.millis()));
        for (int device = 0; device < devices; device++) {
            due.add(new Arrival(device * 60_000L / devices, device));
        }
        int[] arrivals = new int[seconds];
        BitSet seen = new BitSet(devices);
        int count = 0;
        while (!due.isEmpty() && due.peek().millis() < seconds * 1000L) {
            Arrival now = due.remove();
            int second = (int) (now.millis() / 1000);
            arrivals[second]++;
            if (!seen.get(now.device())) {
                seen.set(now.device());
                count++;
            }
            due.add(new Arrival(now.millis() + answer.at(count, second).toMillis(), now.device()));
        }
        return arrivals;
    }

    private static int most(int[] arrivals, int from, int to) {
        int most = 0;
        for (int i = from; i < to; i++) {
            most = Math.max(most, arrivals[i]);
        }
        return most;
    }

    private static double mean(int[] arrivals, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += arrivals[i];
        }
        return sum / (to - from);
    }

    /** A cohort of 1,000, which is open for five minutes, asks for 8.7 a second. */
    private static double wantedPerSecond() {
        return 2 * 1.3 * 1000 / 300;
    }

    @Test
    void aMillionDevicesThatCameTogetherDoNotComeTogetherAgain() {
        int[] arrivals = arrivals(
                1_000_000, 2 * SECONDS_A_DAY, (seen, second) -> pace.needed(seen, wantedPerSecond(), Duration.ZERO));
        assertThat(most(arrivals, 0, 60)).isGreaterThan(10_000);
        assertThat(most(arrivals, 3600, arrivals.length)).as("from an hour on").isLessThan(200);
        assertThat(mean(arrivals, SECONDS_A_DAY, arrivals.length)).isBetween(8.0, 24.0);
    }

    @Test
    void withoutATaskAMillionDevicesKeepBelowWhatTheServerIsToBear() {
        int[] arrivals = arrivals(1_000_000, SECONDS_A_DAY, (seen, second) -> pace.idle(seen));
        assertThat(mean(arrivals, SECONDS_A_DAY / 2, SECONDS_A_DAY)).isBetween(70.0, 130.0);
        assertThat(most(arrivals, SECONDS_A_DAY / 2, SECONDS_A_DAY)).isLessThan(300);
    }

    @Test
    void asManyComeWhileARoundWaitsAsItNeeds() {
        int[] arrivals =
                arrivals(20_000, 6 * 3600, (seen, second) -> pace.needed(seen, wantedPerSecond(), Duration.ZERO));
        for (int from = 3600; from < 6 * 3600; from += 300) {
            assertThat(300 * mean(arrivals, from, from + 300)).isBetween(1300.0, 5200.0);
        }
    }

    @Test
    void fewDevicesMeet() {
        int[] arrivals = arrivals(500, 3600, (seen, second) -> pace.needed(seen, wantedPerSecond(), Duration.ZERO));
        for (int from = 600; from < 3600; from += 300) {
            assertThat(300 * mean(arrivals, from, from + 300)).as("all of 500").isGreaterThan(450);
        }
    }

    @Test
    void devicesComeOnceARoundHasOpenedAndNotAllAtThatMoment() {
        int opening = 3 * 3600;
        int[] arrivals = arrivals(
                2_000,
                4 * 3600,
                (seen, second) ->
                        pace.needed(seen, wantedPerSecond(), Duration.ofSeconds(Math.max(0, opening - second))));
        assertThat(mean(arrivals, 3600, opening)).isZero();
        assertThat(300 * mean(arrivals, opening, opening + 300)).isGreaterThan(1900);
        assertThat(most(arrivals, opening, opening + 300)).isLessThan(60);
    }

    @Test
    void aDayIsTheLongestWaitThatNeedsExplainAndAWeekTheLongestAtAll() {
        for (int i = 0; i < 1000; i++) {
            assertThat(pace.needed(100_000, 1e-9, Duration.ZERO)).isLessThan(Duration.ofHours(41));
            assertThat(pace.needed(Long.MAX_VALUE, 1, Duration.ZERO)).isLessThanOrEqualTo(Duration.ofDays(7));
            assertThat(pace.idle(0)).isBetween(Duration.ofHours(1), Duration.ofHours(3));
            assertThat(pace.needed(0, 1, Duration.ZERO)).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(5));
        }
    }
}
