package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.runtime.LoraRun;
import dev.coppice.testkit.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A graph that takes an adapter beside its weights, run by ONNX Runtime's own LoRA support. */
class SideModelTest {
    @ParameterizedTest
    @ValueSource(strings = {"model_ts.onnx", "model_dynamo.onnx"})
    void theFileOfOnnxRuntimesOwnExporterGivesPeftsLogits(String file) throws Exception {
        Npz reference = new Npz(TestData.find("models/peft-adapters/llama-qv-r4/reference.npz"));
        Path adapter = TestData.find("models/peft-adapters/stories260k-llama-qv-r4.onnx_adapter");
        Npz.Entry ids = reference.read("input_ids");
        Npz.Entry mask = reference.read("attention_mask");
        ModelProto model = SideModel.of(ModelReader.read(Foreign.stories(file)), Foreign.qv());
        List<int[]> rows = Foreign.rows(ids, mask);
        float[] without = LoraRun.logits(model.toByteArray(), new byte[0], ids.longs(), mask.longs(), ids.shape);
        assertThat(Foreign.distance(without, reference.read("logits_base").floats(), rows))
                .isLessThan(1e-4f);
        float[] with =
                LoraRun.logits(model.toByteArray(), Files.readAllBytes(adapter), ids.longs(), mask.longs(), ids.shape);
        assertThat(Foreign.distance(with, reference.read("logits_adapter").floats(), rows))
                .isLessThan(1e-4f);
    }

    @Test
    void anAdapterThatReplacesTensorsIsRefused() {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("score.weight", List.of(3, 64))));
        Adapter head = Adapter.of(AdapterWeights.of(layout, new float[3 * 64]), module -> 1);
        ModelProto model = TinyDecoder.standard().build();
        assertThatThrownBy(() -> SideModel.of(model, head))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("score.weight");
    }
}
