package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An aggregator's backup is restored into a fresh home, and its devices go on there. */
class BackupTest {
    private static final int DEVICES = 6;

    @TempDir
    Path folder;

    @Test
    void devicesGoOnWithWhatWasRestoredAndRoundsThatWereOpenAreAbandoned() throws Exception {
        Path file = folder.resolve("backup.zip");
        List<Device> devices;
        String task;
        JsonNode first;
        String token;
        Path home;
        try (AggregatorProcess embedded = new AggregatorProcess(folder.resolve("embedded"))) {
            home = embedded.home();
            token = embedded.token();
            Operator operator = embedded.operator();
            devices = operator.devices(DEVICES);
            task = operator.createTask(4, DEVICES, 3, 60);
            new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {});
            first = operator.awaitOver(task, 1);
            assertThatThrownBy(() -> BackupCommand.run("backup", file, Map.of("coppice.home", home.toString())))
                    .as("while it runs")
                    .hasMessageContaining("Another aggregator runs");
            assertThat(embedded.terminate()).isIn(0, 143);
        }
        BackupCommand.run("backup", file, Map.of("coppice.home", home.toString()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        Map<String, Object> fresh = new HashMap<>(Map.of(
                "coppice.home", folder.resolve("fresh/home").toString(),
                "coppice.secrets", folder.resolve("secrets").toString(),
                "coppice.blobs", folder.resolve("blobs").toString()));
        BackupCommand.run("restore", file, fresh);
        assertThatThrownBy(() -> BackupCommand.run("restore", file, fresh))
                .as("a second time")
                .isInstanceOf(IOException.class);

        List<String> options = List.of(
                "--secrets",
                folder.resolve("secrets").toString(),
                "--blobs",
                folder.resolve("blobs").toString());
        try (AggregatorProcess restored = new AggregatorProcess(folder.resolve("fresh"), options, Map.of())) {
            assertThat(restored.token()).isEqualTo(token);
            Operator operator = restored.operator();
            JsonNode rounds = operator.status(task).path("rounds");
            assertThat(rounds.path(0)).isEqualTo(first);
            assertThat(rounds.path(1).path("reason").asText()).isEqualTo("RESTORED");
            Wire wire = new Wire(List.of(restored.uri()));
            devices.forEach(device -> device.moveTo(wire));
            new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {});
            JsonNode third = operator.awaitOver(task, 3);
            float[] sum = operator.adapter(third.path("candidateSha256").asText());
            for (int i = 0; i < DEVICES; i++) {
                assertThat(Math.round(sum[i] * DEVICES)).as("device %d", i).isEqualTo(2); // rounds 1 and 3
            }
        }
    }
}
