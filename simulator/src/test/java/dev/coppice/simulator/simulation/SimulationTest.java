package dev.coppice.simulator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.simulator.Progress;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.scenario.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulationTest {
    private static final String SCENARIO = """
            data: {devices: 16}
            adapter: {rank: 2, batch: 4, length: 16, targets: [q_proj]}
            task:
              rounds: 2
              localSteps: 1
              learningRate: 0.01
              examplesMin: 1
              clipNorm: 1
              epsilon: 8
              delta: 1.0e-8
              cohort: {min: 8, max: 12, dropoutBound: 0.3, corruptionBound: 0.05}
              serverOptimizer: {kind: fedavg, learningRate: 1, momentum: 0}
              phaseSeconds: {advertise: 600, shares: 60, masked: 60, unmask: 60}
            judging: {every: 1, examplesMax: 40, devicesMax: 4}
            """;

    @TempDir
    Path folder;

    @Test
    void aRunLeavesFiguresAReportAndATaskThatAnAggregatorTakes() throws Exception {
        Path out = folder.resolve("out");
        Notes notes = new Notes();
        simulation(out, false, notes).run();

        List<JsonNode> lines = MetricsFile.read(out.resolve("metrics.jsonl"));
        assertThat(lines)
                .hasSize(4)
                .allMatch(line -> line.path("privacy").asText().equals("trust-sum"));
        assertThat(lines).extracting(line -> line.path("seed").asLong()).containsExactly(5L, 5L, 6L, 6L);
        assertThat(lines.getFirst().path("attackSuccess").isNull()).isTrue();
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("NOT SECURE", "privacy trust-sum", "class=\"band accuracy\"", "Timeline of round")
                .doesNotContain("<script", "http://", "https://");
        assertThat(Files.readAllLines(out.resolve("rounds.csv"))).hasSize(5);
        assertThat(Files.readAllLines(out.resolve("devices.csv"))).hasSize(9);
        assertThat(TaskJson.parse(Files.readAllBytes(out.resolve("task.json"))).rounds())
                .isEqualTo(2);
        assertThat(notes.said).anyMatch(line -> line.contains("NOT SECURE"));
        assertThat(notes.said)
                .anyMatch(line ->
                        line.startsWith("round 2/2: 12 of 12 devices in the sum") && line.contains("devices/s"));
        assertThat(notes.said).anyMatch(line -> line.startsWith("round 1/2") && line.endsWith(" left"));

        String before = Files.readString(out.resolve("metrics.jsonl"));
        simulation(out, true, notes).run();
        assertThat(Files.readString(out.resolve("metrics.jsonl"))).isEqualTo(before);
        assertThat(notes.said).contains("going on after round 2");
    }

    @Test
    void aFolderOfSomebodyElseIsLeftAlone() throws Exception {
        Path out = Files.createDirectory(folder.resolve("theirs"));
        Files.writeString(out.resolve("thesis.txt"), "do not touch");
        assertThatThrownBy(() -> simulation(out, false, new Notes()).run())
                .hasMessageContaining("choose another folder");
        assertThat(out).isDirectoryContaining(file -> file.endsWith("thesis.txt"));
    }

    private Simulation simulation(Path out, boolean resume, Progress progress) throws Exception {
        Scenario scenario = Scenario.read(Files.writeString(folder.resolve("small.yaml"), SCENARIO));
        return new Simulation(
                scenario,
                out,
                new Simulation.Settings(Privacy.TRUST_SUM, 5, 2, 2, resume),
                progress,
                InstantSource.system());
    }

    /** All that people would read. */
    private static final class Notes implements Progress {
        private final List<String> said = new ArrayList<>();

        @Override
        public void phase(String name) {
            said.add(name);
        }

        @Override
        public void advance(String what, long done, long total, String unit) {}

        @Override
        public void overall(double fraction) {}

        @Override
        public void note(String line) {
            said.add(line);
        }
    }
}
