package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.quantize.ModelQuantizer;
import dev.coppice.adapters.quantize.QuantizeSpec;
import dev.coppice.testkit.TestData;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Float32 adapters trained on top of frozen weights of 8 and 4 bits. */
class QuantizedTrainingTest {
    private static final int STEPS = 50;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {8, 4})
    void bothEnginesTrainTheSameAdapterOnSmallWeights(int bits) throws Exception {
        Path model = folder.resolve("float.onnx");
        TinyDecoder.standard().write(model);
        Kit kit = kit(model, bits, List.of("q_proj", "v_proj", "down_proj"));
        AdapterWeights one = trained(kit, EngineKind.ORT_TRAINING);
        AdapterWeights other = trained(kit, EngineKind.PLAIN_SESSION);
        float[] difference = one.minus(other);
        for (float value : difference) {
            assertThat((double) value).isCloseTo(0, within(1e-5));
        }
    }

    @ParameterizedTest
    @CsvSource({"8, model_ts.onnx", "4, model_ts.onnx", "8, model_dynamo.onnx", "4, model_dynamo.onnx"})
    void aRealModelWithSmallWeightsKeepsItsLossAndLearns(int bits, String file) throws Exception {
        Path model =
                TestData.find("models/onnx-torch-exports/stories260k-llama").resolve(file);
        LoraSpec lora = new LoraSpec(4, 8, List.of("q_proj", "v_proj"), Factors.BOTH, 7);
        KitSpec spec = new KitSpec(Task.CAUSAL_LM, lora, List.of(), 4, 32);
        Kit exact = KitBuilder.build(model, "0".repeat(64), List.of(), spec, folder.resolve("exact"));
        float exactLoss = loss(exact, stories(spec));
        Kit small = kit(model, bits, List.of("q_proj", "v_proj"));
        try (TrainingEngine engine = Engines.open(small, EngineKind.ORT_TRAINING)) {
            float before = engine.step(stories(spec), 5e-3f);
            assertThat(before).isCloseTo(exactLoss, within(bits == 8 ? 0.02f : 0.25f));
            for (int i = 1; i < STEPS; i++) {
                engine.step(stories(spec), 5e-3f);
            }
            assertThat(engine.step(stories(spec), 5e-3f)).isLessThan(before - 0.1f);
        }
    }

    private Kit kit(Path model, int bits, List<String> targets) throws Exception {
        Path small = folder.resolve("small.onnx");
        new ModelQuantizer(new QuantizeSpec(bits, 32, false, false)).quantize(model, small);
        LoraSpec lora = new LoraSpec(4, 8, targets, Factors.BOTH, 7);
        KitSpec spec = new KitSpec(Task.CAUSAL_LM, lora, List.of(), 4, 32);
        return KitBuilder.build(small, "0".repeat(64), List.of(), spec, folder.resolve("kit"));
    }

    private static float loss(Kit kit, Batch batch) throws Exception {
        try (TrainingEngine engine = Engines.open(kit, EngineKind.PLAIN_SESSION)) {
            return engine.step(batch, 1e-9f);
        }
    }

    private static AdapterWeights trained(Kit kit, EngineKind kind) throws Exception {
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            float first = engine.step(SampleBatches.of(kit.spec(), 1), 1e-2f);
            float last = first;
            for (int i = 1; i < STEPS; i++) {
                last = engine.step(SampleBatches.of(kit.spec(), 1), 1e-2f);
            }
            assertThat(last).isLessThan(first - 0.1f);
            return engine.weights();
        }
    }

    /** Texts that the model itself wrote. */
    private static Batch stories(KitSpec spec) throws Exception {
        JsonNode generations = new ObjectMapper()
                .readTree(TestData.find("models/stories260K/derived/expected.json")
                        .toFile())
                .get("generations");
        int length = spec.length();
        long[] tokens = new long[spec.batch() * length];
        long[] next = new long[tokens.length];
        int[] lengths = new int[spec.batch()];
        int rows = Math.min(spec.batch(), generations.size());
        for (int row = 0; row < rows; row++) {
            JsonNode ids = generations.get(row).get("greedy_ids");
            lengths[row] = length;
            for (int i = 0; i < length; i++) {
                tokens[row * length + i] = ids.get(i).asLong();
                next[row * length + i] = ids.get(i + 1).asLong();
            }
        }
        return Batch.causal(spec.batch(), length, rows, tokens, lengths, next);
    }
}
