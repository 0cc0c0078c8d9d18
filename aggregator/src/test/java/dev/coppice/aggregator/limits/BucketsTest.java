package dev.coppice.aggregator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BucketsTest {
    @Test
    void eachHasABucketOfItsOwnAndHearsHowLongToWait() {
        Buckets buckets = new Buckets(1, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(buckets.take("one")).isEmpty();
        }
        Optional<Duration> wait = buckets.take("one");
        assertThat(wait.orElseThrow()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(buckets.take("other")).isEmpty();
    }

    /** Or else whoever pauses for as long as that gets a whole burst for it. */
    @Test
    void aBucketIsNotForgottenBeforeItIsFullAgain() {
        AtomicLong nanos = new AtomicLong();
        Buckets buckets = new Buckets(2, 20, nanos::get);
        assertThat(takenAtOnce(buckets)).isEqualTo(20);
        long second = 0;
        for (int pause = 1; pause <= 10; pause++) {
            second += pause;
            nanos.set(TimeUnit.SECONDS.toNanos(second));
            assertThat(takenAtOnce(buckets)).as("after %d s", pause).isEqualTo(2 * pause);
        }
    }

    private static int takenAtOnce(Buckets buckets) {
        int taken = 0;
        while (buckets.take("one").isEmpty()) {
            taken++;
        }
        return taken;
    }

    @Test
    void zeroIsNoLimit() {
        Buckets none = new Buckets(0, 0);
        for (int i = 0; i < 1000; i++) {
            assertThat(none.take("one")).isEmpty();
        }
    }

    @Test
    void bodiesFillTheRoomAndNoMore() {
        BodyRoom room = new BodyRoom(100);
        assertThat(room.take(60)).isTrue();
        assertThat(room.take(41)).isFalse();
        assertThat(room.taken()).isEqualTo(60);
        assertThat(room.take(40)).isTrue();
        room.give(60);
        assertThat(room.take(60)).isTrue();
        assertThat(room.taken()).isEqualTo(100);
    }
}
