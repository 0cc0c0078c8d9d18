package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;

class AnyModelTest {
    /** Whatever the bytes: values of known shapes, or a refusal. */
    @FuzzTest
    void anyBytesAreSpecialisedOrRefused(byte[] bytes) {
        try {
            ModelProto model = ModelReader.parse(bytes);
            Graph graph = new Graph();
            Value tokens = graph.input("input_ids", TensorType.of(ElementType.INT64, 2, 3));
            Value mask = graph.input("attention_mask", TensorType.of(ElementType.INT64, 2, 3));
            Map<String, Value> bound = ModelInputs.bind(model, new Ops(graph), ElementType.FLOAT, tokens, mask);
            assertThat(new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, ProductHook.NONE).run(bound))
                    .isNotEmpty();
        } catch (GraphRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
