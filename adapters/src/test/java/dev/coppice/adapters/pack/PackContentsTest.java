package dev.coppice.adapters.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModuleRank;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PackContentsTest {
    private static final SkillFacts FACTS = new SkillFacts(
            "home",
            3,
            List.of(190, 188),
            new PrivacyFacts("distributed-discrete-gaussian", 7.9, 1e-8, 2.05, 6),
            List.of(
                    new ClassAccuracy("phone-small", 61.5, 0.71, 0.78, 0.66, 0.87),
                    new ClassAccuracy(ClassAccuracy.ALL_OTHERS, 118.25, 0.75, 0.825, 0.75, 0.88)));

    @TempDir
    Path folder;

    private Kit kit;

    @BeforeEach
    void build() throws Exception {
        kit = kit(Factors.B, "ab".repeat(32), 7);
    }

    @ParameterizedTest
    @EnumSource(Factors.class)
    void whatIsWrittenIsReadBack(Factors factors) throws Exception {
        Kit own = kit(factors, "ab".repeat(32), 7);
        PackContents contents = new PackContents(weights(own), FACTS);
        Map<String, byte[]> files = contents.files(own);
        files.keySet().retainAll(PackContents.NEEDED);
        assertThat(PackContents.read(files, own)).isEqualTo(contents);
        assertThat(contents.files(own).get(PackContents.WEIGHTS))
                .isEqualTo(contents.files(own).get(PackContents.WEIGHTS));
    }

    @Test
    void theAdapterIsThereForOnnxRuntimeToo() throws Exception {
        Map<String, byte[]> files = new PackContents(weights(kit), FACTS).files(kit);
        PeftAdapter adapter = PeftAdapter.read(file(files, PackContents.CONFIG), file(files, PackContents.WEIGHTS));
        assertThat(OnnxAdapter.read(file(files, PackContents.ONNX))
                        .toPeft(adapter.config())
                        .weights())
                .isEqualTo(adapter.weights());
    }

    @Test
    void tensorsAreNamedAsPeftNamesThem() throws Exception {
        AdapterWeights file = Safetensors.read(file(files(), PackContents.WEIGHTS));
        assertThat(file.layout().tensors())
                .contains(
                        new TensorSpec("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", List.of(2, 8)),
                        new TensorSpec("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight", List.of(8, 2)),
                        new TensorSpec("base_model.model.score.weight", List.of(3, 8)));
        assertThat(new String(file(files(), PackContents.CONFIG), StandardCharsets.UTF_8))
                .contains("\"peft_type\" : \"LORA\"", "\"r\" : 2", "\"modules_to_save\" : [ \"score\" ]");
    }

    @Test
    void whatTheAdapterHasBeyondPlainLoraIsToldToPeft() throws Exception {
        LoraOptions options = LoraOptions.PLAIN
                .withRankStabilized()
                .withDropout(0.5)
                .withRanks(new ModuleRank("v", 1, 3))
                .withFullyTrained("mlp.up_proj");
        LoraSpec lora = new LoraSpec(2, 4, List.of("q", "v"), Factors.BOTH, 7, options);
        KitSpec spec = new KitSpec(Task.TEXT_CLASSIFICATION, lora, TinyDecoder.LABELS, 2, 6);
        Kit own = KitBuilder.build(
                folder.resolve("model.onnx"), "ab".repeat(32), TinyDecoder.LABELS, spec, folder.resolve("own"));
        byte[] config = file(new PackContents(weights(own), FACTS).files(own), PackContents.CONFIG);
        assertThat(new String(config, StandardCharsets.UTF_8).replaceAll("\\s", ""))
                .contains(
                        "\"target_modules\":[\"model.layers.0.self_attn.q_proj\",\"model.layers.0.self_attn.v_proj\"]",
                        "\"rank_pattern\":{\"model.layers.0.self_attn.v_proj\":1}",
                        "\"alpha_pattern\":{\"model.layers.0.self_attn.v_proj\":3.0}",
                        "\"use_rslora\":true",
                        "\"modules_to_save\":[\"model.layers.0.mlp.up_proj\",\"score\"]",
                        "\"lora_dropout\":0.5");
    }

    @Test
    void aPackForAnotherModelOrKitIsRefused() throws Exception {
        Map<String, byte[]> files = files();
        Kit otherModel = kit(Factors.B, "cd".repeat(32), 7);
        Kit otherSeed = kit(Factors.B, "ab".repeat(32), 8);
        assertThatThrownBy(() -> PackContents.read(files, otherModel)).isInstanceOf(PackRefusedException.class);
        assertThatThrownBy(() -> PackContents.read(files, otherSeed)).isInstanceOf(PackRefusedException.class);
    }

    @Test
    void frozenTensorsThatAreNotTheKitsAreRefused() throws Exception {
        Map<String, byte[]> files = files();
        AdapterWeights file = Safetensors.read(file(files, PackContents.WEIGHTS));
        float[] moved = new float[file.layout().count()];
        moved[file.layout().offset("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")] = 0.5f;
        files.put(PackContents.WEIGHTS, Safetensors.write(file.plus(moved)));
        assertThatThrownBy(() -> PackContents.read(files, kit))
                .isInstanceOf(PackRefusedException.class)
                .hasMessageContaining("frozen");
    }

    @Test
    void missingAndUnknownFilesAreRefused() {
        for (String name : List.of(PackContents.WEIGHTS, PackContents.CONFIG, PackContents.SKILL)) {
            Map<String, byte[]> less = files();
            less.remove(name);
            assertThatThrownBy(() -> PackContents.read(less, kit)).isInstanceOf(PackRefusedException.class);
        }
        Map<String, byte[]> more = files();
        more.put("run.sh", new byte[1]);
        assertThatThrownBy(() -> PackContents.read(more, kit)).isInstanceOf(PackRefusedException.class);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void damageToTheDescriptionsIsRefused(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 300; i++) {
            Map<String, byte[]> files = files();
            byte[] file = file(files, random.nextBoolean() ? PackContents.SKILL : PackContents.CONFIG);
            int at = random.nextInt(file.length);
            if (Character.isDigit(file[at])) {
                continue; // another number may be as good a fact
            }
            file[at] ^= (byte) (1 << random.nextInt(7));
            try {
                PackContents read = PackContents.read(files, kit);
                assertThat(read.facts())
                        .as("only names of skills and figures are free")
                        .isNotEqualTo(FACTS);
            } catch (PackRefusedException e) {
                assertThat(e).hasMessageNotContaining("null");
            }
        }
    }

    private static byte[] file(Map<String, byte[]> files, String name) {
        return Objects.requireNonNull(files.get(name));
    }

    private Map<String, byte[]> files() {
        Map<String, byte[]> files = new HashMap<>(new PackContents(weights(kit), FACTS).files(kit));
        files.keySet().retainAll(PackContents.NEEDED);
        return files;
    }

    private static AdapterWeights weights(Kit kit) {
        float[] values = new float[kit.layout().count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 100f;
        }
        return AdapterWeights.of(kit.layout(), values);
    }

    private Kit kit(Factors factors, String modelSha256, long seed) throws Exception {
        Path model = folder.resolve("model.onnx");
        TinyDecoder.smallest().write(model);
        LoraSpec lora = new LoraSpec(2, 4, List.of("q_proj", "v_proj"), factors, seed);
        KitSpec spec = new KitSpec(Task.TEXT_CLASSIFICATION, lora, TinyDecoder.LABELS, 2, 6);
        return KitBuilder.build(
                model,
                modelSha256,
                TinyDecoder.LABELS,
                spec,
                folder.resolve(factors + modelSha256.substring(0, 2) + seed));
    }
}
