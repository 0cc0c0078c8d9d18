package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.aggregator.store.s3.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/runbooks/lost-database.md, as typed there, with PostgreSQL and an object store. {@code BackupTest} does the same with the
 * embedded database in every build.
 */
@ExtendWith(Postgres.class)
@EnabledIfSystemProperty(named = "soak", matches = "[0-9]{2,}", disabledReason = "-Pthorough has the time")
class LostDatabaseTest {
    private static final int DEVICES = 6;

    @TempDir
    Path folder;

    @Test
    void devicesGoOnWhereDatabaseBucketAndKeysWereLost() throws Exception {
        try (S3Server s3 = new S3Server(folder.resolve("s3"))) {
            Map<String, String> environment = new HashMap<>(s3.environment());
            environment.put("COPPICE_DATABASE_USER", Postgres.USER);
            environment.put("COPPICE_DATABASE_PASSWORD", Postgres.PASSWORD);
            s3.bucket("coppice");
            s3.bucket("coppice-fresh");
            String database = Postgres.emptyDatabase();
            List<String> options = options(database, "secrets", "s3://coppice/blobs");
            Path file = folder.resolve("monday.zip");
            List<Device> devices;
            String task;
            JsonNode first;
            String token;
            try (AggregatorProcess aggregator = new AggregatorProcess(folder.resolve("lost"), options, environment)) {
                token = aggregator.token();
                Operator operator = aggregator.operator();
                devices = operator.devices(DEVICES);
                task = operator.createTask(4, DEVICES, 3, 60);
                Fleet fleet = new Fleet(devices);
                fleet.takePart(i -> Device.Stop.NEVER, (step, number) -> {});
                first = operator.awaitOver(task, 1);
                fleet.takePart(i -> Device.Stop.AFTER_MASKING, (step, number) -> {});
                command("backup", options, file, environment); // while it runs
                Postgres.drop(database);
            }

            List<String> fresh = options(Postgres.emptyDatabase(), "fresh-secrets", "s3://coppice-fresh/blobs");
            command("restore", fresh, file, environment);
            assertThatThrownBy(() -> command("restore", fresh, file, environment))
                    .hasMessageContaining("fresh folders");
            try (AggregatorProcess restored = new AggregatorProcess(folder.resolve("fresh"), fresh, environment)) {
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

    private List<String> options(String database, String secrets, String blobs) {
        return List.of(
                "--database", database, "--secrets", folder.resolve(secrets).toString(), "--blobs", blobs);
    }

    private void command(String name, List<String> options, Path file, Map<String, String> environment)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(name));
        arguments.addAll(List.of("--home", folder.resolve("home-of-" + name).toString()));
        arguments.addAll(options);
        arguments.addAll(List.of("--file", file.toString()));
        AggregatorProcess.command(arguments, environment);
    }
}
