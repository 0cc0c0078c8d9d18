package dev.coppice.adapters.format;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraInjection;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.huggingface.ModelImport;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.ModelInputs;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import dev.coppice.testkit.TestData;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that PEFT trained, in our graphs of the same model, against the logits that PyTorch computed. */
class AdaptedLogitsTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "llama-qv-r4, model_ts.onnx",
        "llama-qv-r4, model_dynamo.onnx",
        "llama-qv-r4, imported",
        "llama-all-r8-rslora, model_ts.onnx",
        "llama-all-r8-rslora, model_dynamo.onnx",
        "llama-all-r8-rslora, imported",
    })
    void logitsAreThoseOfPeft(String name, String file) throws Exception {
        Path source = TestData.find("models/peft-adapters/" + name);
        PeftAdapter adapter = PeftAdapter.read(source);
        Npz reference = new Npz(source.resolve("reference.npz"));
        assertThat(distance(logits(adapter, model(file), reference), reference.read("logits_adapter")))
                .isLessThan(1e-4);
    }

    private ModelProto model(String file) throws Exception {
        if (!file.equals("imported")) {
            return ModelReader.read(TestData.find("models/onnx-torch-exports/stories260k-llama/" + file));
        }
        Path stories = TestData.find("models/stories260K");
        new ModelImport(stories.resolve("derived/hf"), stories.resolve("tok512.bin"), "stories", 512)
                .into(folder.resolve("stories"));
        return ModelReader.read(folder.resolve("stories").resolve(BaseModel.ONNX));
    }

    private static float[] logits(PeftAdapter adapter, ModelProto model, Npz reference) throws Exception {
        PeftStrength strength = adapter.config().strength();
        LoraOptions options = strength.rankStabilized() ? LoraOptions.PLAIN.withRankStabilized() : LoraOptions.PLAIN;
        LoraSpec spec = new LoraSpec(
                        strength.rank(),
                        strength.alpha(),
                        adapter.config().targets().names(),
                        Factors.BOTH,
                        1)
                .with(options);
        Graph graph = new Graph();
        Trainables trainables = new Trainables(graph, ElementType.FLOAT);
        Npz.Entry ids = reference.read("input_ids");
        Npz.Entry mask = reference.read("attention_mask");
        Value tokens = graph.input("input_ids", TensorType.of(ElementType.INT64, ids.shape));
        Value real = graph.input("attention_mask", TensorType.of(ElementType.INT64, mask.shape));
        Map<String, Value> bound = ModelInputs.bind(model, new Ops(graph), ElementType.FLOAT, tokens, real);
        LoraInjection lora = new LoraInjection(spec, ModulePaths.of(model), trainables);
        Value logits = graph.named(
                "adapted",
                Objects.requireNonNull(new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, lora)
                        .run(bound)
                        .get("logits")));
        lora.requireAllTargets();
        AdapterWeights weights = adapter.in(trainables.initial().layout(), spec::scale);
        List<Value> inputs = new ArrayList<>(List.of(tokens, real));
        inputs.addAll(trainables.values());
        ModelProto adapted = graph.model("adapted", inputs, List.of(logits));
        return run(adapted, Map.of("input_ids", ids, "attention_mask", mask), weights);
    }

    private static float[] run(ModelProto model, Map<String, Npz.Entry> wholes, AdapterWeights weights)
            throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensorLike> fed = new HashMap<>();
        try (OrtSession session = environment.createSession(model.toByteArray())) {
            for (Map.Entry<String, Npz.Entry> whole : wholes.entrySet()) {
                fed.put(
                        whole.getKey(),
                        OnnxTensor.createTensor(
                                environment, LongBuffer.wrap(whole.getValue().longs()), whole.getValue().shape));
            }
            for (TensorSpec tensor : weights.layout().tensors()) {
                long[] shape =
                        tensor.shape().stream().mapToLong(Integer::longValue).toArray();
                fed.put(
                        tensor.name(),
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(weights.tensor(tensor)), shape));
            }
            try (OrtSession.Result result = session.run(fed)) {
                FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                return values;
            }
        } finally {
            fed.values().forEach(OnnxTensorLike::close);
        }
    }

    private static double distance(float[] found, Npz.Entry expected) {
        float[] values = expected.floats();
        assertThat(found).hasSameSizeAs(values).doesNotContain(Float.NaN);
        double largest = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(found[i] - values[i]));
        }
        return largest;
    }
}
