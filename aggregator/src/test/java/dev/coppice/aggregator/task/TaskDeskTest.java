package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators may ask of tasks, and what they are told where it cannot be. */
class TaskDeskTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VALUES = 4096;

    @TempDir
    Path folder;

    private final MemoryStore store = new MemoryStore();
    private TaskDesk desk;
    private String initial;

    @BeforeEach
    void aDesk() throws Exception {
        BlobFolder blobs = new BlobFolder(folder);
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(VALUES))));
        initial = blobs.put(Safetensors.write(AdapterWeights.of(layout, new float[VALUES])));
        desk = new TaskDesk(store, blobs, new SeededBytes(1)::fill);
    }

    private ObjectNode task() throws Exception {
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, LoraSpec.none(), List.of("yes", "no"), 4, 16);
        String json = """
                {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": %2$s, "kitSha256": "%1$s",
                 "initialAdapterSha256": "%3$s", "rounds": 6, "localSteps": 1, "learningRate": 0.1, "examplesMin": 8,
                 "clipNorm": 1.0, "epsilon": 8, "delta": 1e-8,
                 "cohort": {"min": 50, "max": 60, "dropoutBound": 0.1, "corruptionBound": 0.05},
                 "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
                 "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
                """.formatted("ab".repeat(32), new String(kit.toJson(), StandardCharsets.UTF_8), initial);
        return (ObjectNode) JSON.readTree(json);
    }

    private static byte[] bytes(ObjectNode task) {
        return task.toString().getBytes(StandardCharsets.UTF_8);
    }

    private TaskDefinition changed(String changes) throws Exception {
        return TaskJson.parse(bytes(TaskJson.patched(task().toString(), changes.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void validatingTellsThePlanAndStoresNothing() throws Exception {
        TaskPlan plan = desk.validate(bytes(task()));
        assertThat(plan.kind()).isEqualTo("training");
        assertThat(plan.dimension()).isEqualTo(VALUES);
        assertThat(plan.epsilon()).isBetween(7.9, 8.0);
        assertThat(plan.noiseMultiplier()).isBetween(1.5, 3.0);
        assertThat(store.tasks()).isEmpty();
        assertThat(desk.validate(bytes(task().putNull("epsilon"))).epsilon()).isNull();
    }

    @Test
    void aBudgetThatCannotBeKeptIsRefusedWithTheRoundsThatCould() throws Exception {
        ObjectNode dear = task().put("epsilon", 0.05).put("rounds", 10_000).put("noise", "local");
        int possible = roundsOffered(dear);
        assertThat(possible).isBetween(50, 1_000);
        assertThat(desk.validate(bytes(dear.put("rounds", possible))).rounds()).isEqualTo(possible);
        assertThat(roundsOffered(dear.put("rounds", possible + 1))).isEqualTo(possible);
        assertThatThrownBy(() -> desk.create(bytes(task().put("epsilon", 1e-7))))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining("Not even one round keeps it");
    }

    private int roundsOffered(ObjectNode task) {
        try {
            desk.create(bytes(task));
        } catch (Exception e) {
            String message = String.valueOf(e.getMessage());
            assertThat(e).isInstanceOf(TaskRefusedException.class);
            assertThat(message).endsWith(" rounds keep it");
            String[] words = message.split(" ", -1);
            return Integer.parseInt(words[words.length - 4]);
        }
        throw new AssertionError("The task was taken");
    }

    @Test
    void aCloneIsAnotherTaskWithTheChangesThatWereAskedFor() throws Exception {
        StoredTask original = desk.create(bytes(task().set("schedule", JSON.readTree("{\"roundsPerDay\": 2}"))));
        byte[] changes =
                "{\"rounds\": 3, \"schedule\": null, \"cohort\": {\"max\": 70}}".getBytes(StandardCharsets.UTF_8);
        StoredTask clone = desk.copy(original.id(), changes).orElseThrow();
        TaskDefinition definition = TaskJson.stored(clone.definition());
        assertThat(clone.id()).isNotEqualTo(original.id());
        assertThat(definition.rounds()).isEqualTo(3);
        assertThat(definition.schedule()).isNull();
        assertThat(definition.cohort().min()).isEqualTo(50);
        assertThat(definition.cohort().max()).isEqualTo(70);
        assertThat(TaskJson.stored(original.definition()).rounds()).isEqualTo(6);
        assertThat(desk.copy(original.id(), new byte[0])).isPresent();
        assertThat(desk.copy("t-none", new byte[0])).isEmpty();
        for (String broken : List.of("[]", "{", "3", "{\"rounds\": 0}")) {
            assertThatThrownBy(() -> desk.copy(original.id(), broken.getBytes(StandardCharsets.UTF_8)))
                    .as(broken)
                    .isInstanceOf(TaskRefusedException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'schedule': {'intervalSeconds': 1, 'roundsPerDay': 1}} | not both",
                "{'schedule': {'intervalSeconds': 0}}                    | schedule.intervalSeconds is",
                "{'schedule': {'roundsPerDay': 86401}}                   | schedule.roundsPerDay is",
                "{'schedule': {'start': 'tomorrow'}}                     | schedule.start is a time",
                "{'schedule': {'start': '2030-01-01T00:00:00Z', 'end': '2030-01-01T00:00:00Z'}} | end is after",
                "{'schedule': {'begin': '2030-01-01T00:00:00Z'}}         | begin",
                "{'buffer': {'sums': 0, 'openRounds': 2, 'stalenessMax': 1}}    | buffer.sums is",
                "{'buffer': {'sums': 7, 'openRounds': 2, 'stalenessMax': 1}}    | at most rounds",
                "{'buffer': {'sums': 2, 'openRounds': 1, 'stalenessMax': 1}}    | buffer.openRounds is 2 to 64",
                "{'buffer': {'sums': 2, 'openRounds': 65, 'stalenessMax': 1}}   | buffer.openRounds is 2 to 64",
                "{'buffer': {'sums': 2, 'openRounds': 2, 'stalenessMax': -1}}   | buffer.stalenessMax is",
                "{'buffer': {'sums': 2, 'openRounds': 2}}                       | stalenessMax",
                "{'buffer': {'sums': 2, 'openRounds': 2, 'stalenessMax': 1}, 'clip': {'kind': 'adaptive', 'quantile': 0.5}} | leave clip out",
                "{'weight': 0}                                           | weight is 1 to 1000",
                "{'weight': 1001}                                        | weight is 1 to 1000",
                "{'overSelection': 0.99}                                 | overSelection is 1 to 10",
                "{'overSelection': 10.1}                                 | overSelection is 1 to 10",
                "{'fullWeightExamples': 1}                               | fullWeightExamples is 2 to 1000000",
                "{'fullWeightExamples': 1000001}                         | fullWeightExamples is 2 to 1000000",
                "{'eligibility': {'agentVersionMin': 'new'}}             | eligibility.agentVersionMin",
                "{'eligibility': {'deviceClasses': ['Phone']}}           | eligibility.deviceClasses",
                "{'eligibility': {'separationSeconds': -1}}              | eligibility.separationSeconds",
            })
    void anOptionOutOfRangeIsRefusedByItsName(String changes, String reason) {
        assertThatThrownBy(() -> changed(changes.replace('\'', '"')))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void whatIsLeftOutIsAsTheDesignHasIt() throws Exception {
        TaskDefinition plain = changed("{}");
        assertThat(plain.overSelectionOrUsual()).isEqualTo(1.3);
        assertThat(plain.weightOrUsual()).isEqualTo(1);
        assertThat(TaskJson.schedule(plain)).isEqualTo(Schedule.ALWAYS);
        assertThat(TaskJson.eligibility(plain).examplesMin()).isEqualTo(8);
        assertThat(TaskJson.schedule(changed("{\"schedule\": {\"roundsPerDay\": 4}}"))
                        .interval())
                .isEqualTo(Duration.ofHours(6));
    }

    @Test
    void theNextRoundOpensAtTheStartOrAnIntervalAfterTheLast() {
        Instant start = Instant.parse("2030-01-01T00:00:00Z");
        Schedule schedule = new Schedule(start, start.plusSeconds(100), Duration.ofSeconds(10));
        assertThat(schedule.opens(Optional.empty())).isEqualTo(start);
        assertThat(schedule.opens(Optional.of(start.minusSeconds(50)))).isEqualTo(start);
        assertThat(schedule.opens(Optional.of(start.plusSeconds(5)))).isEqualTo(start.plusSeconds(15));
        assertThat(schedule.isOver(start.plusSeconds(100).minusMillis(1))).isFalse();
        assertThat(schedule.isOver(start.plusSeconds(100))).isTrue();
    }
}
