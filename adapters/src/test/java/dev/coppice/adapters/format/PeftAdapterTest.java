package dev.coppice.adapters.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.testkit.TestData;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * That PEFT itself loads what is written was checked by hand, with PEFT 0.21: {@code PeftModel.from_pretrained} on the
 * skill pack of a demo and a Llama classifier of pico's shape finds every tensor, the head among the saved modules.
 */
class PeftAdapterTest {
    private static final String A = "model.layers.%d.self_attn.q_proj.lora_A.weight";
    private static final String B = "model.layers.%d.self_attn.q_proj.lora_B.weight";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama-qv-r4", "llama-all-r8-rslora"})
    void whatPeftWroteIsReadAndWrittenBack(String name) throws Exception {
        Path source = TestData.find("models/peft-adapters/" + name);
        PeftAdapter adapter = PeftAdapter.read(source);
        Map<String, byte[]> files = adapter.files();
        PeftAdapter again = PeftAdapter.read(file(files, PeftAdapter.CONFIG), file(files, PeftAdapter.WEIGHTS));
        assertThat(again.weights()).isEqualTo(adapter.weights());
        assertThat(again.config()).isEqualTo(adapter.config());
        assertThat(again.scales()).isEqualTo(adapter.scales()).hasSizeGreaterThan(9);
        assertThat(Safetensors.read(file(files, PeftAdapter.WEIGHTS)))
                .isEqualTo(Safetensors.read(Files.readAllBytes(source.resolve(PeftAdapter.WEIGHTS))));
    }

    /** Names in patterns are regular expressions for the ends of paths; the first that matches counts. */
    @Test
    void ranksAndScalesFollowThePatterns() throws Exception {
        AdapterWeights weights = weights(Map.of(0, 2, 1, 4, 10, 2));
        String patterns = """
                ,"use_rslora":true,"rank_pattern":{"layers\\\\.1\\\\.self_attn\\\\.q_proj":4},
                "alpha_pattern":{"^model\\\\.layers\\\\.10\\\\..*":3,"layers.0.self_attn.q_proj":6}""";
        PeftAdapter adapter = PeftAdapter.of(config("\"q_proj\"", patterns), weights);
        assertThat(adapter.scales())
                .containsEntry("model.layers.0.self_attn.q_proj", 6 / Math.sqrt(2))
                .containsEntry("model.layers.1.self_attn.q_proj", 8 / Math.sqrt(4))
                .containsEntry("model.layers.10.self_attn.q_proj", 3 / Math.sqrt(2));
    }

    @Test
    void anotherScaleIsMadeUpForByB() throws Exception {
        PeftAdapter adapter = PeftAdapter.of(config("\"q_proj\"", ""), weights(Map.of(0, 2)));
        ParameterLayout exported = ParameterLayout.of(List.of(
                new TensorSpec("m." + A.formatted(0), List.of(2, 3)),
                new TensorSpec("m." + B.formatted(0), List.of(3, 2))));
        AdapterWeights in = adapter.in(exported, module -> 2);
        assertThat(in.tensor(exported.tensors().get(0))).isEqualTo(new float[] {1, 2, 3, 4, 5, 6});
        assertThat(in.tensor(exported.tensors().get(1))).isEqualTo(new float[] {14, 16, 18, 20, 22, 24});
        assertThatThrownBy(() -> adapter.in(ParameterLayout.of(List.of()), module -> 2))
                .isInstanceOf(FormatRefusedException.class)
                .hasMessageContaining("lora_A");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"q_proj\" | ,\"use_dora\":true | use_dora",
                "\"q_proj\" | ,\"bias\":\"all\" | bias",
                "\"q_proj\" | ,\"lora_bias\":true | lora_bias",
                "\"q_proj\" | ,\"layer_replication\":[[0,2]] | layer_replication",
                "\"q_proj\" | ,\"a_new_field\":{\"x\":1} | a_new_field",
                "\"q_proj\" | ,\"init_lora_weights\":\"pissa\" | pissa",
                "\"q_proj\" | ,\"rank_pattern\":{\"q_proj\":3} | rank than 3",
                "\"q_proj\" | ,\"rank_pattern\":{\"(\":3} | regular expression",
                "\"q_proj\" | ,\"rank_pattern\":{\"q_proj\":\"3\"} | rank_pattern",
                "\"v_proj\" |  | target_modules",
                "7 | | target_modules"
            })
    void whatWouldChangeItsMeaningIsRefusedByName(String targets, String more, String named) {
        assertThatThrownBy(() -> PeftAdapter.of(config(targets, more == null ? "" : more), weights(Map.of(0, 2))))
                .isInstanceOf(FormatRefusedException.class)
                .hasMessageContaining(named);
    }

    @Test
    void otherKindsOfAdaptersAreRefused() throws Exception {
        byte[] prompt = "{\"peft_type\":\"PROMPT_TUNING\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> PeftConfig.read(prompt)).hasMessageContaining("PROMPT_TUNING");
        Files.write(folder.resolve("adapter_model.bin"), new byte[] {1});
        assertThatThrownBy(() -> PeftAdapter.read(folder))
                .isInstanceOf(FormatRefusedException.class)
                .hasMessageContaining("adapter_model.bin");
    }

    @Test
    void aPatternThatWouldTakeForeverIsGivenUp() {
        String name = "a".repeat(60);
        String config = """
                {"peft_type":"LORA","r":2,"lora_alpha":8,"target_modules":"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b"}""";
        AdapterWeights weights = AdapterWeights.of(
                ParameterLayout.of(List.of(
                        new TensorSpec(name + ".lora_A.weight", List.of(2, 3)),
                        new TensorSpec(name + ".lora_B.weight", List.of(3, 2)))),
                new float[12]);
        assertThatThrownBy(() -> PeftAdapter.of(PeftConfig.read(config.getBytes(StandardCharsets.UTF_8)), weights))
                .isInstanceOf(FormatRefusedException.class)
                .hasMessageContaining("too long");
    }

    @Test
    void factorsWithoutAPartnerAndOtherTensorsAreRefusedByName() {
        for (String name : List.of(A.formatted(0), "model.norm.weight", "x.lora_embedding_A")) {
            AdapterWeights odd =
                    AdapterWeights.of(ParameterLayout.of(List.of(new TensorSpec(name, List.of(2, 3)))), new float[6]);
            assertThatThrownBy(() -> PeftAdapter.of(config("\"q_proj\"", ""), odd))
                    .isInstanceOf(FormatRefusedException.class)
                    .hasMessageContaining(name.replace(".lora_A.weight", ""));
        }
    }

    @FuzzTest
    void anyConfigurationIsReadOrRefused(byte[] json) {
        try {
            PeftConfig config = PeftConfig.read(json);
            assertThat(PeftConfig.read(config.toJson())).isEqualTo(config);
            PeftAdapter.of(config, weights(Map.of(0, 2)));
        } catch (FormatRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    private static PeftConfig config(String targets, String more) throws FormatRefusedException {
        String list = targets.startsWith("\"") ? "[" + targets + "]" : targets;
        String json = "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":8,\"target_modules\":" + list + more + "}";
        return PeftConfig.read(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Factors of the q_proj of some layers, by the layer's number and its rank: A is 1, 2, ... and B goes on. */
    private static AdapterWeights weights(Map<Integer, Integer> ranks) {
        List<TensorSpec> tensors = new ArrayList<>();
        ranks.forEach((layer, rank) -> {
            tensors.add(new TensorSpec(A.formatted(layer), List.of(rank, 3)));
            tensors.add(new TensorSpec(B.formatted(layer), List.of(3, rank)));
        });
        ParameterLayout layout = ParameterLayout.of(tensors);
        float[] values = new float[layout.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i + 1;
        }
        return AdapterWeights.of(layout, values);
    }

    private static byte[] file(Map<String, byte[]> files, String name) {
        return Objects.requireNonNull(files.get(name));
    }
}
