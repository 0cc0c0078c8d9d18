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

    /** Threads that add at once do not lose what the others add. */
    @Test
    void whatManyThreadsAddIsRememberedAll() throws Exception {
        SeenNonces nonces = new SeenNonces(Duration.ofMinutes(10), 1_000_000);
        int each = 20_000;
        List<String> devices = List.of("d-1", "d-2", "d-3", "d-4");
        CyclicBarrier start = new CyclicBarrier(devices.size());
        try (ExecutorService threads = Executors.newFixedThreadPool(devices.size())) {
            List<Future<Integer>> added = new ArrayList<>();
            for (String device : devices) {
                added.add(threads.submit(() -> {
                    start.await();
                    return taken(nonces, device, each);
                }));
            }
            for (Future<Integer> one : added) {
                assertThat(one.get(1, TimeUnit.MINUTES)).isEqualTo(each);
            }
        }
        for (String device : devices) {
            assertThat(taken(nonces, device, each)).isZero();
        }
    }

    private static int taken(SeenNonces nonces, String device, int requests) {
        int taken = 0;
        for (int i = 0; i < requests; i++) {
            taken += nonces.add(device, "n" + i, START) ? 1 : 0;
        }
        return taken;
    }
}
