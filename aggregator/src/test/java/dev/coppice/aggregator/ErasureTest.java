package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Rows;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.folder.InputFolder;
import dev.coppice.aggregator.store.jdbc.Database;
import dev.coppice.aggregator.store.jdbc.JdbcStore;
import dev.coppice.protocol.round.RoundReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/runbooks/device-deletion.md: the request as printed there, and what is left where. */
class ErasureTest {
    private static final int DEVICES = 4;

    @TempDir
    Path folder;

    @Test
    void ofADeviceThatWasDeletedIsLeftWhatTheRunbookSays() throws Exception {
        Device gone;
        String finished;
        String open;
        try (AggregatorProcess aggregator = new AggregatorProcess(folder)) {
            Operator operator = aggregator.operator();
            List<Device> devices = operator.devices(DEVICES);
            String task = operator.createTask(DEVICES, DEVICES, 3, 600);
            Fleet fleet = new Fleet(devices);
            fleet.takePart(i -> Device.Stop.NEVER, (step, number) -> {});
            operator.awaitOver(task, 1);
            assertThat(fleet.takePart(i -> Device.Stop.AFTER_MASKING, (step, number) -> {}))
                    .allMatch(RoundReply::hasSurvivors);
            finished = task + "-1";
            open = task + "-2";

            gone = devices.getFirst();
            String path = "/v1/admin/devices/" + gone.id();
            assertThat(operator.send("DELETE", path, new byte[0]).statusCode()).isEqualTo(204);
            assertThat(operator.send("DELETE", path, new byte[0]).statusCode()).isEqualTo(404);
            Wire wire = new Wire(List.of(aggregator.uri()));
            assertThat(wire.post("/v1/checkin", gone.checkIn(System.currentTimeMillis()))
                            .statusCode())
                    .isBetween(401, 403);
            assertThat(aggregator.terminate()).isIn(0, 143);
            assertThat(mentions(gone, aggregator.output())).isZero();
        }
        Path home = folder.resolve("home");
        try (HikariDataSource database = Database.embedded(home.resolve("coppice"));
                InputFolder inputs = new InputFolder(home.resolve("inputs"))) {
            Store store = new JdbcStore(database, inputs);
            StoredRound round = store.findRound(open).orElseThrow();
            assertThat(Rows.of(database).get("step")).anyMatch(row -> row.contains(finished));
            assertThat(mentions(gone, database))
                    .as("its messages, while the round is open")
                    .isEqualTo(Map.of("audit", 2, "step", 3));
            assertThat(inputs(home)).isNotEmpty();

            assertThat(store.advance(round, round.aborted(AbortReason.HALTED))).isTrue();
            assertThat(mentions(gone, database)).as("its place, after that").isEqualTo(Map.of("audit", 2, "step", 3));
            assertThat(Rows.of(database).get("step")).allMatch(row -> row.contains("message=null"));
            assertThat(inputs(home)).isEmpty();

            store.forgetSteps(round.deadline().plusMillis(1));
            assertThat(mentions(gone, database)).isEqualTo(Map.of("audit", 2));
        }
    }

    private static List<Path> inputs(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("inputs"))) {
            return files.toList();
        }
    }

    /** In how many rows its id, its key or its certificate is, by table. */
    private static Map<String, Integer> mentions(Device device, HikariDataSource database) throws Exception {
        Map<String, Integer> mentions = new TreeMap<>();
        Rows.of(database).forEach((table, rows) -> {
            int count = rows.stream().mapToInt(row -> mentions(device, row)).sum();
            if (count > 0) {
                mentions.put(table, count);
            }
        });
        return mentions;
    }

    private static int mentions(Device device, String text) {
        HexFormat hex = HexFormat.of();
        return Stream.of(
                                device.id(),
                                hex.formatHex(device.id().getBytes(StandardCharsets.UTF_8)),
                                hex.formatHex(device.key().verifyingKey().bytes()),
                                hex.formatHex(device.certificate().toByteArray()))
                        .anyMatch(text::contains)
                ? 1
                : 0;
    }
}
