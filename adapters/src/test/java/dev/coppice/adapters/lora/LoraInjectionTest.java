package dev.coppice.adapters.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoraInjectionTest {
    private static final String WEIGHT = "model.layers.0.q_proj.weight";

    /** x = (1, 2), A = (3, 5), B = 7, alpha 4, rank 1, half of the elements dropped: y = 28 / 0.5 * what is kept of A x. */
    @Test
    void whatDropoutKeepsMakesUpForWhatItLeavesOut() throws Exception {
        assertThat(output(true, true)).isCloseTo(28f * 2 * (3 + 10), within(1e-3f));
        assertThat(output(true, false)).isCloseTo(28f * 2 * 3, within(1e-3f));
        assertThat(output(false, false)).isZero();
    }

    private static float output(boolean first, boolean second) throws Exception {
        LoraSpec spec = new LoraSpec(1, 4, List.of("q_proj"), Factors.BOTH, 1, LoraOptions.PLAIN.withDropout(0.5));
        Graph graph = new Graph();
        Trainables trainables = new Trainables(graph, ElementType.FLOAT);
        LoraInjection injection = new LoraInjection(spec, ModulePaths.of(model()), trainables);
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 1, 2));
        Value y = graph.input("y", TensorType.of(ElementType.FLOAT, 1, 1));
        Value adapted = graph.named("adapted", injection.after(graph, WEIGHT, false, x, y));
        List<Value> inputs = new ArrayList<>(List.of(x, y, injection.masks().get(0)));
        inputs.addAll(trainables.values());
        ModelProto model = graph.model("m", inputs, List.of(adapted));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model.toByteArray());
                OnnxTensor ones = OnnxTensor.createTensor(environment, new float[][] {{1, 2}});
                OnnxTensor base = OnnxTensor.createTensor(environment, new float[][] {{0}});
                OnnxTensor keep = OnnxTensor.createTensor(environment, new boolean[][] {{first, second}});
                OnnxTensor a = OnnxTensor.createTensor(environment, new float[][] {{3, 5}});
                OnnxTensor b = OnnxTensor.createTensor(environment, new float[][] {{7}});
                OrtSession.Result result = session.run(Map.of(
                        "x",
                        ones,
                        "y",
                        base,
                        injection.masks().get(0).name(),
                        keep,
                        "model.layers.0.q_proj.lora_A.weight",
                        a,
                        "model.layers.0.q_proj.lora_B.weight",
                        b))) {
            return ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
        }
    }

    private static ModelProto model() {
        NodeProto product = NodeProto.newBuilder()
                .setOpType("MatMul")
                .addInput("x")
                .addInput(WEIGHT)
                .addOutput("y")
                .build();
        return ModelProto.newBuilder()
                .setGraph(GraphProto.newBuilder()
                        .addInitializer(TensorProto.newBuilder().setName(WEIGHT))
                        .addNode(product))
                .build();
    }
}
