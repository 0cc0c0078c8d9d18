package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.Postgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes on one PostgreSQL database, behind what acts as a load balancer that knows nothing: each request of a
 * device goes to the next of them. Counts as failure: a device counted twice or not at all although it was told that it was
 * in, a round that does not end, replicas that sign with different keys.
 */
@ExtendWith(Postgres.class)
class ReplicasTest {
    private static final int REPLICAS = 3;
    private static final int DEVICES = 9;

    @TempDir
    Path folder;

    private final List<AggregatorProcess> replicas = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        List<String> shared = List.of(
                "--database",
                Postgres.emptyDatabase(),
                "--secrets",
                folder.resolve("secrets").toString(),
                "--blobs",
                folder.resolve("blobs").toString());
        Map<String, String> account =
                Map.of("COPPICE_DATABASE_USER", Postgres.USER, "COPPICE_DATABASE_PASSWORD", Postgres.PASSWORD);
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(new AggregatorProcess(folder.resolve("replica-" + i), shared, account));
        }
    }

    @AfterEach
    void stop() {
        replicas.forEach(AggregatorProcess::close);
    }

    /** All of them knew the device before. */
    private void whoIsRevokedAtOneReplicaIsAtAll(Operator operator, Device device) throws Exception {
        assertThat(checkIns(device)).containsOnly(200);
        assertThat(operator.send("PUT", "/v1/admin/devices/" + device.id() + "/revocation", new byte[0])
                        .statusCode())
                .isEqualTo(200);
        assertThat(checkIns(device)).containsOnly(403);
    }

    /** What each replica answers. */
    private List<Integer> checkIns(Device device) throws Exception {
        List<Integer> answers = new ArrayList<>();
        for (AggregatorProcess replica : replicas) {
            answers.add(new Wire(List.of(replica.uri()))
                    .insist("/v1/checkin", () -> device.checkIn(System.currentTimeMillis()))
                    .statusCode());
        }
        return answers;
    }

    /** The devices in the middle of each step find that one of the three was just killed. */
    @Test
    void aRoundEndsRightWhicheverReplicaADeviceMeetsAndAlthoughTheyAreKilledInTurn() throws Exception {
        Wire all = new Wire(replicas.stream().map(AggregatorProcess::uri).toList());
        Operator operator = replicas.getFirst().operator();
        List<Device> devices = new Operator(all, replicas.getFirst().token()).devices(DEVICES);
        String task = operator.createTask(4, DEVICES, 2, 60);

        new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {});
        JsonNode calm = operator.awaitOver(task, 1);
        assertThat(RoundOverHttpTest.counted(operator, calm, DEVICES)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8);

        Set<String> killed = ConcurrentHashMap.newKeySet();
        new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {
            if (number == DEVICES / 2 && killed.add(step)) {
                replicas.get(1 + killed.size() % (REPLICAS - 1)).killAndRestart();
            }
        });

        assertThat(killed).hasSize(6);
        JsonNode stormy = operator.awaitOver(task, 2);
        assertThat(stormy.path("phase").asText()).isEqualTo("COMPLETED");
        float[] twice = operator.adapter(stormy.path("candidateSha256").asText());
        for (int i = 0; i < DEVICES; i++) {
            assertThat(Math.round(twice[i] * DEVICES)).as("device %d", i).isEqualTo(2);
        }
        whoIsRevokedAtOneReplicaIsAtAll(operator, devices.getFirst());
        JsonNode status = operator.status(task);
        for (AggregatorProcess replica : replicas) {
            assertThat(replica.operator().status(task)).isEqualTo(status);
            assertThat(replica.terminate()).isIn(0, 143);
            assertThat(replica.output()).doesNotContain("ERROR").doesNotContain("Exception");
        }
    }
}
