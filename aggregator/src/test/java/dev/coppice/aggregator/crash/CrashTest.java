package dev.coppice.aggregator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.protocol.round.RoundReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three replicas, a Kafka broker and a PostgreSQL server, each a process, with a faulty network between replicas and the
 * others. A schedule from a seed kills any of them (SIGKILL) and cuts or silences the network while devices take part in a
 * round. Counts as failure: an update that a device was told was taken and that is not in the sum of a completed round; one
 * that is in it twice; a sum that is not the updates'; a round that is not over by its last deadline; a device that finds
 * what it is sent wrong. A round that is abandoned is none. What a schedule hits is not repeatable.
 *
 * <p>{@code -Dcrash.seeds} (1: the last one) from {@code -Dcrash.first} (1) and {@code -Dcrash.devices} (60) for more, with {@code
 * -Dcrash.phase} (25) seconds for each step; {@code -Dcrash.log} names a file that gets a line for each seed.
 */
class CrashTest {
    private static final int DEVICES = Integer.getInteger("crash.devices", 60);

    /** Longer than anything takes to come back. */
    private static final int PHASE_SECONDS = Integer.getInteger("crash.phase", 25);

    /** Six phases, a minute of collecting, and what the clock's thread may be late. */
    private static final Duration ROUND_MAX = Duration.ofSeconds(6L * PHASE_SECONDS + 60 + 30);

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static List<Device> devices;

    static LongStream seeds() {
        String one = System.getProperty("seed", "");
        return one.isBlank()
                ? LongStream.rangeClosed(Integer.getInteger("crash.first", 1), Integer.getInteger("crash.seeds", 1))
                : LongStream.of(Long.parseLong(one.strip()));
    }

    @BeforeAll
    static void start() throws Exception {
        cluster = new Cluster(folder);
        devices = cluster.operator().devices(DEVICES);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    /** What devices saw of a round. */
    private static final class Seen implements Device.Watcher {
        private final Set<Integer> taken = ConcurrentHashMap.newKeySet();
        private final Queue<Exception> refused = new ConcurrentLinkedQueue<>();

        @Override
        public void before(String step, int number) {}

        @Override
        public void replied(String step, int number, RoundReply reply) {
            if (step.equals("masked") && reply.hasReceived()) {
                taken.add(number);
            }
        }
    }

    /** Abandoned rounds are no failure below: here it shows that these devices can complete one. */
    @Test
    void whereNothingBreaksTheRoundIsCompletedWithAllDevicesInIt() throws Exception {
        Seen seen = new Seen();
        JsonNode round = round(openRound(), seen, new Schedule(cluster, new Random(0)), "calm");
        assertThat(round.path("phase").asText()).as(round.toString()).isEqualTo("COMPLETED");
        assertThat(seen.taken).hasSize(DEVICES);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noUpdateIsLostOrCountedTwiceAndNoRoundHangsWhateverDies(long seed) throws Exception {
        String task = openRound();
        Schedule schedule = new Schedule(cluster, new Random(seed));
        schedule.start();
        round(task, new Seen(), schedule, "seed " + seed);
    }

    /** The id of a task of one round. */
    private static String openRound() throws IOException {
        Operator operator = cluster.operator();
        return operator.create(operator.task(DEVICES / 2, DEVICES, 1, PHASE_SECONDS, DEVICES));
    }

    /** Plays a round to its end; the schedule may go on meanwhile, and is closed then. */
    private static JsonNode round(String task, Seen seen, Schedule schedule, String name) throws Exception {
        long opened = System.nanoTime();
        JsonNode round;
        try (schedule;
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            devices.forEach(device -> threads.execute(() -> takePart(device, seen, opened)));
            round = awaitOver(cluster.operator(), task, opened);
            threads.shutdownNow();
        }
        String how = "%s, broken %s: %s".formatted(name, schedule.done(), round);
        assertThat(seen.refused).as(how).isEmpty();
        if (round.path("phase").asText().equals("COMPLETED")) {
            assertSum(cluster.operator(), round, seen, how);
        }
        tell("%s: %s %s broken=%s told=%d masked=%d seconds=%d%n"
                .formatted(
                        name,
                        round.path("phase").asText(),
                        round.path("reason").asText(),
                        schedule.done(),
                        seen.taken.size(),
                        round.path("masked").asInt(),
                        Duration.ofNanos(System.nanoTime() - opened).toSeconds()));
        return round;
    }

    private static void assertSum(Operator operator, JsonNode round, Seen seen, String how) throws Exception {
        int counted = round.path("masked").asInt();
        float[] mean = operator.adapter(round.path("candidateSha256").asText());
        int total = 0;
        for (int i = 0; i < mean.length; i++) {
            float times = mean[i] * counted;
            assertThat(times).as("%s: device %d", how, i).isCloseTo(Math.round(times), within(0.2f));
            assertThat(Math.round(times)).as("%s: device %d", how, i).isBetween(seen.taken.contains(i) ? 1 : 0, 1);
            total += Math.round(times);
        }
        assertThat(total).as(how).isEqualTo(counted);
    }

    /** Gives up where no replica answers for long; the sum tells whether that was right. */
    private static void takePart(Device device, Seen seen, long opened) {
        try {
            while (System.nanoTime() - opened < ROUND_MAX.toNanos()) {
                Optional<VerifiedTerms> terms = device.findRound();
                if (terms.isPresent()) {
                    RoundReply last = device.takePart(terms.get(), Device.Stop.NEVER, seen);
                    seen.replied("last", 0, last);
                    return;
                }
                Thread.sleep(200);
            }
        } catch (IOException e) {
            // it has dropped out
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RoundRefusedException e) {
            seen.refused.add(e);
        }
    }

    private static JsonNode awaitOver(Operator operator, String task, long opened) throws Exception {
        String last = "nothing was heard of it";
        while (System.nanoTime() - opened < ROUND_MAX.toNanos()) {
            try {
                JsonNode round = operator.status(task).path("rounds").path(0);
                last = round.toString();
                if (Set.of("COMPLETED", "ABORTED").contains(round.path("phase").asText())) {
                    return round;
                }
            } catch (IOException e) {
                // the replica that was asked is down
            }
            Thread.sleep(200);
        }
        throw new AssertionError("a round hangs: " + last);
    }

    private static void tell(String line) throws IOException {
        String file = System.getProperty("crash.log", "");
        if (!file.isEmpty()) {
            Files.writeString(Path.of(file), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
