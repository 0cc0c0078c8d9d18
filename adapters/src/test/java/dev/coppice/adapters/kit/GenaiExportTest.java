package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.ModelInputs;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import dev.coppice.testkit.TestData;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A decoder of opset 11 with a cache and fused operators, as ONNX Runtime's own tools make it. */
class GenaiExportTest {
    @Test
    void aLoweredDecoderWithAnEmptyCacheHasTheLogitsOfTheFusedOne() throws Exception {
        Path folder = TestData.find("models/onnx-genai/gpt2-fp32");
        Npz reference = new Npz(folder.resolve("reference_ort.npz"));
        ModelProto model = ModelReader.read(folder.resolve("past.onnx"));
        Npz.Entry ids = reference.read("input_ids");
        Npz.Entry mask = reference.read("attention_mask");

        Graph graph = new Graph();
        Value tokens = graph.input("input_ids", TensorType.of(ElementType.INT64, ids.shape));
        Value real = graph.input("attention_mask", TensorType.of(ElementType.INT64, mask.shape));
        Map<String, Value> bound = ModelInputs.bind(model, new Ops(graph), ElementType.FLOAT, tokens, real);
        List<String> adapted = new ArrayList<>();
        ProductHook watching = (g, weight, transposed, x, y) -> {
            adapted.add(weight);
            return y;
        };
        Map<String, Value> values =
                new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, watching).run(bound);
        Value logits = graph.named("logits", Objects.requireNonNull(values.get("logits")));
        ModelProto lowered = graph.model("lowered", List.of(tokens, real), List.of(logits));

        assertThat(adapted).contains("transformer.h.0.attn.c_attn.weight", "transformer.h.4.mlp.c_proj.weight");
        assertThat(domains(lowered)).containsOnly("");
        assertThat(run(lowered, ids, mask))
                .containsExactly(reference.read("logits").floats(), within(1e-4f));
    }

    private static Set<String> domains(ModelProto model) {
        Set<String> domains = new TreeSet<>();
        model.getGraph().getNodeList().forEach(node -> domains.add(node.getDomain()));
        return domains;
    }

    private static float[] run(ModelProto model, Npz.Entry ids, Npz.Entry mask) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model.toByteArray());
                OnnxTensor tokens = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids.wholes()), ids.shape);
                OnnxTensor real = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask.wholes()), mask.shape);
                OrtSession.Result result = session.run(Map.of("input_ids", tokens, "attention_mask", real))) {
            FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return values;
        }
    }
}
