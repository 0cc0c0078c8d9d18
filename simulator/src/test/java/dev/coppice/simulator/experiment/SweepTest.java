package dev.coppice.simulator.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
    @TempDir
    private Path folder;

    private final List<String> told = new ArrayList<>();

    private Path plan(String rest) throws Exception {
        Path file = folder.resolve("sweep.json");
        Files.writeString(file, "{\"task\": " + SampleLab.task(Factors.B) + ", \"every\": 1, " + rest + "}");
        return file;
    }

    private List<TrialFigures> run(Path file, Path out) throws Exception {
        try (Lab lab = SampleLab.open(folder, 2)) {
            return Sweep.run(lab, file, out, told::add);
        }
    }

    /** What an operator does with it: stores the blob, posts the task, both as they are. */
    @Test
    void theChosenTaskIsPostedToARealAggregatorUnchanged() throws Exception {
        Path out = folder.resolve("out");
        List<TrialFigures> trials =
                run(plan("\"over\": {\"/task/learningRate\": [0.00001, 0.01]}, \"seeds\": [1, 2]"), out);
        assertThat(trials).hasSize(2);
        assertThat(trials.getFirst().trial().label()).isEqualTo("task/learningRate=0.01");
        assertThat(trials.getFirst().loss().half()).isPositive();
        assertThat(Files.readAllLines(out.resolve("trials.csv"))).hasSize(3);
        try (AggregatorProcess aggregator =
                        AggregatorProcess.start(folder.resolve("aggregator"), folder.resolve("aggregator.log"));
                HttpClient http = HttpClient.newHttpClient()) {
            AdminClient admin = aggregator.admin(http);
            String blob = admin.putBlob(Files.readAllBytes(out.resolve("initial.safetensors")));
            JsonNode task = Json.read(out.resolve("task.json"));
            assertThat(task.path("initialAdapterSha256").asText()).isEqualTo(blob);
            assertThat(task.path("learningRate").asDouble()).isEqualTo(0.01);
            assertThat(admin.post("/v1/admin/tasks", task).path("taskId").asText())
                    .startsWith("t-");
        }
    }

    @Test
    void aSweepThatWasKilledGoesOnWhereItWasAndEndsAlike() throws Exception {
        Path out = folder.resolve("out");
        Path file = plan("\"over\": {\"/task/localSteps\": [1, 2, 3]}");
        List<TrialFigures> whole = run(file, out);
        List<Path> runs;
        try (Stream<Path> files = Files.list(out.resolve("runs"))) {
            runs = files.sorted().toList();
        }
        assertThat(runs).hasSize(3);
        ObjectNode marked = (ObjectNode) Json.read(runs.get(1));
        Json.write(runs.get(1), marked.put("cpuMillisADevice", 12345)); // shows that it was read and not run again
        Files.delete(runs.get(0)); // as if the process had ended before
        List<TrialFigures> again = run(file, out);
        assertThat(again.stream().map(TrialFigures::loss).toList())
                .isEqualTo(whole.stream().map(TrialFigures::loss).toList());
        assertThat(again.stream().filter(one -> one.cpuMillis() == 12345)).hasSize(1);
    }

    @Test
    void halvingLetsFewerAndFewerGoOnAndTheyEndAsIfRunInOneGo() throws Exception {
        Path file = plan("\"over\": {\"/task/learningRate\": {\"from\": 0.00001, \"to\": 0.02, \"scale\": \"log\"}},"
                + " \"search\": {\"kind\": \"halving\", \"trials\": 4, \"keep\": 0.5, \"roundsMin\": 1}");
        List<TrialFigures> trials = run(file, folder.resolve("out"));
        assertThat(trials.stream().map(TrialFigures::rounds)).containsExactly(3, 2, 1, 1);
        double rate = trials.getFirst().trial().task().path("learningRate").asDouble();
        Path alone = folder.resolve("alone");
        List<TrialFigures> one = run(plan("\"over\": {\"/task/learningRate\": [" + rate + "]}"), alone);
        assertThat(one.getFirst().loss()).isEqualTo(trials.getFirst().loss());
    }

    @Test
    void aRunThatGetsNoBetterIsStopped() throws Exception {
        ObjectNode task = SampleLab.task(Factors.B).put("rounds", 9).put("learningRate", 1e-12);
        Path file = folder.resolve("sweep.json");
        Files.writeString(
                file, "{\"task\": " + task + ", \"every\": 1, \"patience\": 2, \"over\": {\"/task/localSteps\": [1]}}");
        assertThat(run(file, folder.resolve("out")).getFirst().rounds()).isLessThan(9);
    }

    @Test
    void whatIsNoSweepOrBeyondAllLimitsIsRefusedWithWhatToDo() throws Exception {
        assertRefused(plan("\"over\": {\"/task/nothing/x\": [1]}"), "no object at /task/nothing");
        assertRefused(
                plan("\"over\": {\"/task/learningRate\": {\"from\": 0, \"to\": 1, \"scale\": \"log\"}}"),
                "list of values");
        assertRefused(
                plan("\"over\": {\"/task/learningRate\": {\"from\": 0.1, \"to\": 1}}"), "a grid needs the values");
        assertRefused(plan("\"over\": {\"/task/localSteps\": [1]}, \"patients\": 1"), "has no \"patients\"");
        assertRefused(plan("\"over\": {\"/task/rounds\": [1]}, \"limits\": {\"epsilon\": 8}"), "within the limits");
    }

    private void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> run(file, folder.resolve("refused")))
                .isInstanceOf(ExperimentRefusedException.class)
                .hasMessageContaining(reason);
    }
}
