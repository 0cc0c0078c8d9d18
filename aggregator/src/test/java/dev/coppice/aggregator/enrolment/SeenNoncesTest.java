package dev.coppice.aggregator.enrolment;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SeenNoncesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void aNonceIsNewOnceForEachDeviceAndForTheWholeSpan() {
        SeenNonces nonces = new SeenNonces(Duration.ofMinutes(10), 1000);
        assertThat(nonces.add("d-1", "a", START)).isTrue();
        assertThat(nonces.add("d-1", "a", START)).isFalse();
        assertThat(nonces.add("d-2", "a", START)).isTrue();
        assertThat(nonces.add("d-1", "b", START.plusSeconds(599))).isTrue();
        assertThat(nonces.add("d-1", "a", START.plusSeconds(600))).isFalse();
        assertThat(nonces.add("d-1", "b", START.plusSeconds(1199))).isFalse();
        assertThat(nonces.add("d-1", "a", START.plusSeconds(1300))).isTrue();
    }

    /** What is forgotten early is what came first. */
    @Test
    void noMoreAreKeptThanThereIsRoomFor() {
        SeenNonces nonces = new SeenNonces(Duration.ofMinutes(10), 100);
        for (int i = 0; i < 250; i++) {
            assertThat(nonces.add("d-1", "n" + i, START)).isTrue();
        }
        assertThat(nonces.add("d-1", "n249", START)).isFalse();
        assertThat(nonces.add("d-1", "n150", START)).isFalse();
        assertThat(nonces.add("d-1", "n0", START)).isTrue();
    }

    /** Of many threads that bring the same request, one is let in. */
    @Test
    void aNonceIsNewToOneOfManyThreads() throws Exception {
        SeenNonces nonces = new SeenNonces(Duration.ofMinutes(10), 1_000_000);
        int threads = 8;
        int requests = 5000;
        AtomicInteger taken = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                ends.add(pool.submit(() -> {
                    start.await();
                    for (int i = 0; i < requests; i++) {
                        taken.addAndGet(nonces.add("d-1", "n" + i, START) ? 1 : 0);
                    }
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get(1, TimeUnit.MINUTES);
            }
        }
        assertThat(taken).hasValue(requests);
    }
}
