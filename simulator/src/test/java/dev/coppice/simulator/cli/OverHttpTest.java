package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import dev.coppice.simulator.operator.TaskStatus;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Fleets in a process of their own against an aggregator in another. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals to send")
class OverHttpTest {
    private static final Duration LONG = Duration.ofMinutes(4);
    private static final int DEVICES = 24;

    @TempDir
    private Path folder;

    private Path scenario(String dropout, int phaseSeconds) throws Exception {
        return Files.writeString(folder.resolve("online.yaml"), """
            data: {devices: %1$d}
            adapter: {rank: 2, batch: 4, length: 16, targets: [q_proj]}
            overSelection: 1.5
            behaviour: {dropout: %2$s}
            task:
              rounds: 2
              localSteps: 1
              learningRate: 0.01
              examplesMin: 1
              clipNorm: 1
              epsilon: 8
              delta: 1.0e-8
              cohort: {min: 8, max: 16, dropoutBound: 0.3, corruptionBound: 0.05}
              serverOptimizer: {kind: fedavg, learningRate: 1, momentum: 0}
              phaseSeconds: {advertise: %3$d, shares: %3$d, masked: %3$d, unmask: %3$d}
            """.formatted(DEVICES, dropout, phaseSeconds));
    }

    private CoppiceProcess start(AggregatorProcess aggregator, Path scenario, String... more) throws Exception {
        return start(aggregator, aggregator.tokenFile(), scenario, more);
    }

    private CoppiceProcess start(AggregatorProcess aggregator, Path tokenFile, Path scenario, String... more)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of("simulate", scenario.toString()));
        arguments.addAll(List.of("--over-http", aggregator.address().toString()));
        arguments.addAll(List.of("--token-file", tokenFile.toString()));
        arguments.addAll(List.of("--out", folder.resolve("run").toString(), "--arrive", "1"));
        arguments.addAll(List.of(more));
        return new CoppiceProcess(folder.resolve("output"), arguments.toArray(String[]::new));
    }

    private String output() throws Exception {
        return Files.readString(folder.resolve("output"));
    }

    private int exitCode(CoppiceProcess run) throws Exception {
        assertThat(run.process().waitFor(LONG.toSeconds(), TimeUnit.SECONDS))
                .as(output())
                .isTrue();
        return run.process().exitValue();
    }

    private JsonNode report() throws Exception {
        return new ObjectMapper()
                .readTree(folder.resolve("run").resolve("acceptance.json").toFile());
    }

    private AggregatorProcess aggregator() throws Exception {
        return AggregatorProcess.start(folder.resolve("aggregator"), folder.resolve("aggregator.log"));
    }

    private static JsonNode requests(JsonNode report, String kind) {
        for (JsonNode one : report.path("requests")) {
            if (one.path("kind").asText().equals(kind)) {
                return one;
            }
        }
        throw new AssertionError("no " + kind + " in " + report.path("requests"));
    }

    @Test
    void aSoundAggregatorIsAcceptedAndNothingOfTheFleetStaysThere() throws Exception {
        try (AggregatorProcess aggregator = aggregator();
                HttpClient client = HttpClient.newHttpClient();
                CoppiceProcess run = start(aggregator, scenario("0.1", 12))) {
            assertThat(exitCode(run)).as(output()).isZero();
            JsonNode report = report();
            assertThat(report.path("accepted").asBoolean()).isTrue();
            assertThat(report.path("rounds")).hasSize(2);
            AdminClient admin = aggregator.admin(client);
            TaskStatus status = admin.status(report.path("taskId").asText());
            for (int i = 0; i < 2; i++) {
                JsonNode round = report.path("rounds").path(i);
                TaskStatus.Round there = status.rounds().get(i);
                assertThat(round.path("phase").asText()).isEqualTo(there.phase());
                assertThat(round.path("candidateSha256").asText()).isEqualTo(there.candidateSha256());
                assertThat(round.path("inSum").asInt()).isEqualTo(there.inSum());
                assertThat(round.path("told")).isNotEmpty();
            }
            assertThat(requests(report, "enrol").path("answered").asInt()).isEqualTo(DEVICES);
            assertThat(requests(report, "masked").path("bytesUp").asLong()).isPositive();
            assertThat(requests(report, "masked").path("p99").asDouble())
                    .isGreaterThanOrEqualTo(
                            requests(report, "masked").path("p50").asDouble());
            assertThat(output()).contains("accepted", "p95 ms", "round 2/2: completed");
            assertThat(admin.look("/v1/admin/fleet")
                            .path("enrolled")
                            .path(report.path("population").asText())
                            .asInt())
                    .as("devices")
                    .isZero();
            assertThat(folder.resolve("run").resolve("devices")).doesNotExist();
        }
    }

    /** Killed as the system does it, with devices under way in the second round. */
    @Test
    void anAggregatorThatDiesInTheMiddleIsNotAccepted() throws Exception {
        try (AggregatorProcess aggregator = aggregator();
                CoppiceProcess run = start(aggregator, scenario("0", 12), "--patience", "3")) {
            run.waitFor("round 2 of 2", LONG);
            assertThat(ProcessHandle.of(aggregator.pid()).orElseThrow().destroyForcibly())
                    .isTrue();
            assertThat(exitCode(run)).as(output()).isEqualTo(1);
            JsonNode report = report();
            assertThat(report.path("accepted").asBoolean()).isFalse();
            assertThat(report.path("checks").path(0).path("passed").asBoolean()).isFalse();
            assertThat(report.path("checks").path(0).path("detail").asText())
                    .contains("the aggregator has not answered for 3 s");
            assertThat(report.path("outages")).isNotEmpty();
            assertThat(report.path("rounds").path(0).path("phase").asText()).isEqualTo("completed");
            assertThat(output()).contains("NOT ACCEPTED", "the aggregator does not answer");
        }
    }

    /** All devices vanish: that is the scenario's, and no sum is none. */
    @Test
    void roundsThatTheScenarioHasAbandonedAreNoFaultButNoAcceptanceEither() throws Exception {
        try (AggregatorProcess aggregator = aggregator();
                CoppiceProcess run = start(aggregator, scenario("1", 3))) {
            assertThat(exitCode(run)).as(output()).isEqualTo(1);
            JsonNode checks = report().path("checks");
            assertThat(checks.path(0).path("passed").asBoolean())
                    .as(checks.toString())
                    .isTrue();
            assertThat(checks.path(1).path("detail").asText()).contains("no round was completed");
            assertThat(report().path("rounds").path(0).path("explained").asText())
                    .contains("might miss it");
        }
    }

    /** Then its task is cloned, as an operator would, and another fleet comes for the clone. */
    @Test
    void whoIsStoppedLeavesNoTaskThatOpensRoundsAndOneThatIsThereCanBeJoinedAndStays() throws Exception {
        Path scenario = scenario("0", 60);
        try (AggregatorProcess aggregator = aggregator();
                HttpClient client = HttpClient.newHttpClient()) {
            AdminClient admin = aggregator.admin(client);
            try (CoppiceProcess run = start(aggregator, scenario)) {
                run.waitFor("round 1 of 2", LONG);
                run.signal("INT");
                assertThat(exitCode(run)).as(output()).isEqualTo(130);
            }
            JsonNode tasks = admin.look("/v1/admin/tasks").path("items");
            assertThat(tasks).hasSize(1);
            assertThat(tasks.path(0).path("state").asText()).isEqualTo("CANCELLED");

            String cancelled = tasks.path(0).path("taskId").asText();
            String clone = admin.post("/v1/admin/tasks/" + cancelled + "/clone", Map.of())
                    .path("taskId")
                    .asText();
            assertThat(clone).isNotEmpty().isNotEqualTo(cancelled);
            try (CoppiceProcess run = start(aggregator, scenario, "--task-id", clone)) {
                assertThat(exitCode(run)).as(output()).isZero();
            }
            assertThat(report().path("taskId").asText()).isEqualTo(clone);
            assertThat(admin.status(clone).rounds()).hasSize(2).allMatch(TaskStatus.Round::completed);
            assertThat(admin.look("/v1/admin/tasks").path("items")).hasSize(2);
            assertThat(admin.look("/v1/admin/tasks/" + clone).path("state").asText())
                    .isEqualTo("COMPLETED");
        }
    }

    @Test
    void whatCannotBePlayedIsRefusedAtOnceWithItsReason() throws Exception {
        Path good = scenario("0", 12);
        Path wrong = Files.writeString(folder.resolve("wrong"), "00".repeat(32));
        Path refused = changed("min: 8, max: 16", "min: 16, max: 8");
        Path virtual = changed("data:", "faults: {loss: 0.1}\nclasses: phones-and-desktops\ndata:");
        Path overlapping = changed("  rounds: 2", "  rounds: 2\n  buffer: {sums: 1, openRounds: 2, stalenessMax: 1}");
        AggregatorProcess gone;
        try (AggregatorProcess aggregator = aggregator()) {
            assertRefused(start(aggregator, wrong, good), 2, "the operator's token is not good for this");
            assertRefused(start(aggregator, refused), 2, "task: the aggregator refused POST /v1/admin/tasks");
            assertRefused(
                    start(aggregator, virtual),
                    2,
                    "faults: messages go through a real network",
                    "classes: devices are as fast");
            assertRefused(start(aggregator, overlapping), 2, "task.buffer: rounds are played one after the other");
            assertRefused(start(aggregator, good, "--trust-sum"), 2, "leave --trust-sum");
            assertRefused(start(aggregator, good, "--task-id", "none"), 1, "404");
            gone = aggregator;
        }
        assertRefused(start(gone, good), 1, "no aggregator answers at " + gone.address());
    }

    private Path changed(String what, String by) throws Exception {
        Path file = Files.createTempFile(folder, "changed", ".yaml");
        return Files.writeString(
                file, Files.readString(folder.resolve("online.yaml")).replace(what, by));
    }

    private void assertRefused(CoppiceProcess run, int code, String... words) throws Exception {
        try (run) {
            assertThat(exitCode(run)).as(output()).isEqualTo(code);
            assertThat(output()).contains(words);
        }
    }
}
