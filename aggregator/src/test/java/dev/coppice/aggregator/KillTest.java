package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed (SIGKILL) while devices send each step's messages, and started again on the same home and port.
 * Devices only repeat what got no reply. Counts as failure: a device counted twice, a device missing that was told it was
 * in, a round that does not end, a task that does not go on. Which requests the kill hits is not repeatable.
 */
class KillTest {
    private static final int DEVICES = 8;

    /** Long enough for a slow machine to start a server twice: a phase ends when all have answered, not by its time. */
    private static final int PHASE_SECONDS = 60;

    @TempDir
    Path folder;

    @Test
    void aRoundEndsRightAlthoughTheServerIsKilledInEachPhase() throws Exception {
        try (AggregatorProcess aggregator = new AggregatorProcess(folder)) {
            Operator operator = aggregator.operator();
            List<Device> devices = operator.devices(DEVICES);
            String task = operator.createTask(4, DEVICES, 2, PHASE_SECONDS);
            Set<String> killed = ConcurrentHashMap.newKeySet();

            // the device in the middle of each step finds a server that is just being killed
            new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {
                if (number == DEVICES / 2 && killed.add(step)) {
                    aggregator.killAndRestart();
                }
            });

            assertThat(new TreeSet<>(killed))
                    .containsExactly("advertise", "attest", "masked", "sample", "shares", "unmask");
            JsonNode round = operator.awaitOver(task, 1);
            assertThat(round.path("phase").asText()).isEqualTo("COMPLETED");
            assertThat(round.path("masked").asInt()).isEqualTo(DEVICES);
            assertThat(RoundOverHttpTest.counted(operator, round, DEVICES)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);

            killAtTheMomentOfCompletion(aggregator, operator, devices, task);
        }
    }

    /** All devices have answered; whether the kill comes before or after the merge, it is there once. */
    private static void killAtTheMomentOfCompletion(
            AggregatorProcess aggregator, Operator operator, List<Device> devices, String task) throws Exception {
        Set<Integer> sent = ConcurrentHashMap.newKeySet();
        CompletableFuture<Void> restarted = new CompletableFuture<>();
        new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {
            if (step.equals("unmask") && sent.add(number) && sent.size() == DEVICES) {
                Thread.ofPlatform().start(() -> killAfter(aggregator, 30, restarted));
            }
        });
        restarted.get(PHASE_SECONDS, TimeUnit.SECONDS);
        JsonNode round = operator.awaitOver(task, 2);
        assertThat(round.path("phase").asText()).isEqualTo("COMPLETED");
        float[] twice = operator.adapter(round.path("candidateSha256").asText());
        for (int i = 0; i < DEVICES; i++) {
            assertThat(Math.round(twice[i] * DEVICES)).as("device %d", i).isEqualTo(2); // once in each round
        }
        assertThat(operator.status(task).path("state").asText()).isEqualTo("COMPLETED");
    }

    private static void killAfter(AggregatorProcess aggregator, long millis, CompletableFuture<Void> restarted) {
        try {
            Thread.sleep(millis);
            aggregator.killAndRestart();
            restarted.complete(null);
        } catch (IOException | InterruptedException e) {
            restarted.completeExceptionally(e);
        }
    }
}
