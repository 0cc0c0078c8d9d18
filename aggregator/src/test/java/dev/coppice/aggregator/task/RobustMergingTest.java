package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.merge.OptimizerSettings.Kind;
import dev.coppice.adapters.merge.RobustMerge;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RobustMergingTest {
    private static final String HASH = "0".repeat(64);
    private static final LoraSpec LORA = new LoraSpec(2, 4, List.of("q_proj"), Factors.B, 1);

    @Test
    void namesAndBoundsAreTheTasks() throws Exception {
        assertThat(rule("{\"kind\": \"norm-check\"}")).isEqualTo(new RobustMerge.NormCheck(2));
        assertThat(rule("{\"kind\": \"norm-check\", \"bound\": 3}")).isEqualTo(new RobustMerge.NormCheck(3));
        assertThat(rule("{\"kind\": \"trimmed-mean\", \"bound\": 0.3}")).isEqualTo(new RobustMerge.TrimmedMean(0.3));
        assertThat(rule("{\"kind\": \"median\"}")).isEqualTo(new RobustMerge.CoordinateMedian());
        assertThat(rule("{\"kind\": \"geometric-median\"}")).isEqualTo(new RobustMerge.GeometricMedian());
        assertThat(RobustMerging.of(task("null", "4", 12))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kind\": \"krum\"}",
                "{\"kind\": \"median\", \"bound\": 1}",
                "{\"kind\": \"norm-check\", \"bound\": 0.5}",
                "{\"kind\": \"trimmed-mean\", \"bound\": 0.5}",
                "{\"bound\": 0.5}",
                "{\"kind\": null}",
                "[]"
            })
    void whatIsNoRuleOrOutOfRangeIsRefused(String rule) {
        assertThatThrownBy(() -> task(rule, "4", 12))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining(rule.equals("[]") || rule.startsWith("{\"bound") ? "" : "robustMerge");
    }

    @ParameterizedTest
    @CsvSource({"null, 12, set cohort.groupSize to 3 to 4", "5, 12, to 4", "4, 8, set cohort.min to 9"})
    void oneSumOrTwoSayNothingOfEachOtherAndTheRefusalSaysWhatToDo(String groupSize, int min, String what) {
        assertThatThrownBy(() -> task("{\"kind\": \"median\"}", groupSize, min))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining("3 groups at least")
                .hasMessageContaining(what);
    }

    @Test
    void allOptimizersOfThePaperMayBeAskedFor() throws Exception {
        for (Kind kind : Kind.values()) {
            TaskDefinition.OptimizerRule rule =
                    new TaskDefinition.OptimizerRule(kind.name().toLowerCase(Locale.ROOT), 1, 0.5);
            assertThat(TaskJson.optimizer(rule).kind()).isEqualTo(kind);
        }
        assertThatThrownBy(() -> TaskJson.optimizer(new TaskDefinition.OptimizerRule("fedsgd", 1, 0)))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining("fedyogi");
    }

    private static RobustMerge rule(String rule) throws TaskRefusedException {
        return RobustMerging.of(task(rule, "4", 12)).orElseThrow();
    }

    private static TaskDefinition task(String rule, String groupSize, int min) throws TaskRefusedException {
        KitSpec kit = new KitSpec(Task.CAUSAL_LM, LORA, List.of(), 4, 16);
        String json = """
            {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": %2$s, "kitSha256": "%1$s",
             "initialAdapterSha256": "%1$s", "rounds": 3, "localSteps": 1, "learningRate": 0.1, "examplesMin": 1,
             "clipNorm": 1.0, "epsilon": null, "delta": 1e-8, "robustMerge": %3$s,
             "cohort": {"min": %4$d, "max": 20, "dropoutBound": 0.3, "corruptionBound": 0.0, "groupSize": %5$s},
             "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
             "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
            """.formatted(HASH, new String(kit.toJson(), StandardCharsets.UTF_8), rule, min, groupSize);
        return TaskJson.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
