package dev.coppice.aggregator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
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
