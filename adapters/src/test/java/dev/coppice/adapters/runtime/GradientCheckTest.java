package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.GradientModel;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.testkit.TestData;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of whole models, whose fused operators are written out for float64. */
class GradientCheckTest {
    @Test
    void gradientsOfADecoderWithFusedOperatorsAgree(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.onnx");
        TinyDecoder.standard().write(file);
        assertThat(worst(file))
                .hasSize(28)
                .allSatisfy((tensor, error) -> assertThat(error).isLessThan(1e-6));
    }

    @ParameterizedTest
    @CsvSource({
        "onnx-torch-exports/tiny-gpt2/model_ts.onnx",
        "onnx-torch-exports/tiny-phi/model_dynamo.onnx",
        "onnx-torch-exports/stories260k-llama/model_ts.onnx",
        "onnx-genai/gpt2-fp32/past.onnx"
    })
    void gradientsOfExportedModelsAgree(String model) throws Exception {
        Path file = TestData.find("models/" + model);
        assertThat(worst(file))
                .isNotEmpty()
                .allSatisfy((tensor, error) -> assertThat(error).isLessThan(1e-6));
    }

    @Test
    void aModelThatKnowsFewerTokensIsSaidToPerhapsDoSo(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("model.onnx");
        TinyDecoder.standard().write(file);
        LoraSpec lora = new LoraSpec(2, 4, List.of("q_proj"), Factors.BOTH, 1);
        GradientModel model = GradientModel.of(file, lora, 2, 6);
        try (GradientCheck check = GradientCheck.open(model, 1 << 20, new Random(1)::nextInt)) {
            assertThatThrownBy(() -> check.worstErrors(1))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("know all ids below 1048576");
        }
    }

    private static SortedMap<String, Double> worst(Path file) throws Exception {
        LoraSpec lora = new LoraSpec(2, 4, List.of("all-linear"), Factors.BOTH, 1);
        GradientModel model = GradientModel.of(file, lora, 2, 6);
        try (GradientCheck check = GradientCheck.open(model, 60, new Random(1)::nextInt)) {
            return check.worstErrors(1);
        }
    }
}
