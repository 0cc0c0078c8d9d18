package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.aggregator.store.folder.BlobFolder;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.testkit.SeededBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskMergeRuleTest {
    private static final String HASH = "0".repeat(64);
    private static final ParameterLayout LAYOUT = ParameterLayout.of(List.of(
            new TensorSpec("m.lora_A.weight", List.of(2, 10)), new TensorSpec("m.lora_B.weight", List.of(6, 2))));

    @TempDir
    Path folder;

    @Test
    void theKitsFactorsSayTheRuleWhereTheTaskDoesNot() throws Exception {
        assertThat(rule(Factors.B)).isEqualTo("ffa");
        assertThat(rule(Factors.BOTH)).isEqualTo("fedit");
        create(task(Factors.B));
        create(task(Factors.B).putNull("mergeRule"));
        create(task(Factors.B).put("mergeRule", "ffa"));
        create(task(Factors.BOTH).put("mergeRule", "fedit"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flora", "flexlora", "hetlora", "fedex"})
    void aRuleThatNeedsEachDevicesFactorsIsRefusedSinceThereIsOnlyASum(String name) {
        assertRefused(task(Factors.BOTH).put("mergeRule", name), "secure aggregation yields only their sum");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolora", "fedsa", "fedsvd", "fedit"})
    void aRuleThatAsksForOtherFactorsThanTheKitTrainsIsRefused(String name) throws Exception {
        assertRefused(task(Factors.B).put("mergeRule", name), "which goes with ffa alone");
        create(task(Factors.BOTH).put("mergeRule", name));
    }

    @Test
    void aKitThatTrainsBothFactorsDoesNotFreezeOne() {
        assertRefused(task(Factors.BOTH).put("mergeRule", "ffa"), "goes with all others");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rolora", "fedsa", "fedsvd"})
    void underPrivacyOneFactorIsSharedAtATime(String name) throws Exception {
        create(task(Factors.BOTH).put("mergeRule", name).put("epsilon", 8));
        assertRefused(task(Factors.BOTH).put("epsilon", 8), "the noises of two would multiply");
    }

    @Test
    void whatCannotFollowFactorsThatChangeIsRefused() throws Exception {
        for (String name : List.of("rolora", "fedsvd")) {
            ObjectNode task = task(Factors.BOTH).put("mergeRule", name);
            task.putObject("serverOptimizer")
                    .put("kind", "momentum")
                    .put("learningRate", 1.0)
                    .put("momentum", 0.9);
            assertRefused(task, "use fedavg");
        }
        ObjectNode clipped = task(Factors.BOTH).put("mergeRule", "rolora");
        clipped.putObject("clip").put("kind", "adaptive").put("quantile", 0.5);
        assertRefused(clipped, "one clip cannot follow");
        for (String name : List.of("rolora", "fedsvd")) {
            assertRefused(buffered(name), "leave buffer out");
        }
        create(buffered("fedit"));
        create(buffered("fedsa"));
    }

    private static ObjectNode buffered(String rule) {
        ObjectNode task = task(Factors.BOTH).put("mergeRule", rule);
        task.putObject("buffer").put("sums", 2).put("openRounds", 2).put("stalenessMax", 1);
        return task;
    }

    @Test
    void turnsAreCountedInMergesAndSayHowLongAnUpdateIs() throws Exception {
        assertThat(turn("rolora", 0)).isEqualTo("B_FACTORS B_FACTORS 12");
        assertThat(turn("rolora", 1)).isEqualTo("A_FACTORS A_FACTORS 20");
        assertThat(turn("rolora", 2)).isEqualTo("B_FACTORS B_FACTORS 12");
        assertThat(turn("fedsvd", 1)).isEqualTo("B_FACTORS B_FACTORS 12");
        assertThat(turn("fedsa", 1)).isEqualTo("WHOLE_ADAPTER A_FACTORS 20");
        assertThat(turn("fedit", 1)).isEqualTo("WHOLE_ADAPTER WHOLE_ADAPTER 32");
    }

    private static String turn(String rule, int merges) throws Exception {
        TaskDefinition definition = TaskJson.parse(bytes(task(Factors.BOTH).put("mergeRule", rule)));
        FactorTurn turn = FactorTurn.after(merges, definition, LAYOUT);
        return turn.trained() + " " + turn.uploaded() + " " + turn.dimension();
    }

    @Test
    void anUnknownRuleIsRefusedWithThoseThereAre() {
        assertRefused(task(Factors.B).put("mergeRule", "median"), "fedit, ffa, rolora");
    }

    private static String rule(Factors factors) throws TaskRefusedException {
        TaskDefinition definition = TaskJson.parse(bytes(task(factors)));
        return TaskJson.mergeRule(definition, lora(factors)).name();
    }

    private void assertRefused(ObjectNode task, String reason) {
        assertThatThrownBy(() -> create(task))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining("mergeRule")
                .hasMessageContaining(reason);
    }

    private void create(ObjectNode task) throws Exception {
        BlobFolder blobs = new BlobFolder(folder);
        String initial = blobs.put(Safetensors.write(AdapterWeights.of(LAYOUT, new float[LAYOUT.count()])));
        task.put("initialAdapterSha256", initial);
        new TaskDesk(new MemoryStore(), blobs, new SeededBytes(7)::fill).create(bytes(task));
    }

    private static LoraSpec lora(Factors factors) {
        return new LoraSpec(2, 4, List.of("q_proj"), factors, 1);
    }

    private static byte[] bytes(ObjectNode task) {
        return task.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode task(Factors factors) {
        KitSpec kit = new KitSpec(Task.CAUSAL_LM, lora(factors), List.of(), 4, 16);
        String json = """
                {"skill": "s", "population": "home", "baseModelSha256": "%s", "kitSpec": %s, "kitSha256": "%s",
                 "initialAdapterSha256": "%s", "rounds": 3, "localSteps": 1, "learningRate": 0.1, "examplesMin": 1,
                 "clipNorm": 1.0, "epsilon": null, "delta": 1e-8,
                 "cohort": {"min": 5, "max": 10, "dropoutBound": 0.3, "corruptionBound": 0.0},
                 "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
                 "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
                """.formatted(HASH, new String(kit.toJson(), StandardCharsets.UTF_8), HASH, HASH);
        try {
            return (ObjectNode) new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
