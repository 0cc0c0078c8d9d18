package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.autodiff.Backward;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models exported by PyTorch: logits, loss and gradients against those that PyTorch computed. */
class TorchExportTest {
    private static final String PREFIX = "m.";
    /** Labels of the two texts in the reference of the classifier. */
    private static final long[] CLASSES = {5, 17};

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "tiny-phi, model_ts.onnx, 26",
        "tiny-phi, model_dynamo.onnx, 28",
        "tiny-gpt2, model_ts.onnx, 30",
        "tiny-gpt2, model_dynamo.onnx, 30",
        "stories260k-llama, model_ts.onnx, 11",
        "stories260k-llama, model_dynamo.onnx, 11",
        "tiny-bert-seqcls, model_ts.onnx, 30",
        "tiny-bert-seqcls, model_dynamo.onnx, 30"
    })
    void logitsLossAndGradientsAreThoseOfTorch(String name, String file, int namedWeightsMin) throws Exception {
        Path folder = TestData.find("models/onnx-torch-exports/" + name);
        Npz reference = new Npz(folder.resolve("reference.npz"));
        Npz torch = new Npz(folder.resolve("gradients.npz"));
        ModelProto model = ModelReader.read(folder.resolve(file));
        Map<String, OnnxValues> fed = new LinkedHashMap<>();
        Graph graph = new Graph(opset(model));
        Ops ops = new Ops(graph);
        Trainables trainables = new Trainables(graph, ElementType.FLOAT);

        Map<String, Value> bound = new HashMap<>();
        for (String input : List.of("input_ids", "attention_mask")) {
            Npz.Entry entry = reference.read(input + "_1");
            Value value = graph.input(input, TensorType.of(ElementType.INT64, entry.shape));
            bound.put(input, value);
            fed.put(input, new OnnxValues(entry.shape, entry.longs(), new float[0]));
        }
        Set<String> known = torch.names();
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            String plain = weight.getName().replaceFirst("^" + PREFIX, "");
            if (known.contains("grad/" + plain) && !isHalfOfATiedPair(name, file, plain)) {
                long[] shape =
                        weight.getDimsList().stream().mapToLong(size -> size).toArray();
                float[] values = ModelReader.tensor(weight).toFloats();
                bound.put(weight.getName(), trainables.add(plain, values, shape));
                fed.put(plain, new OnnxValues(shape, new long[0], values));
            }
        }
        Value logits = Objects.requireNonNull(
                new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, ProductHook.NONE)
                        .run(bound)
                        .get("logits"));
        long[] labels = logits.rank() == 2 ? CLASSES : nextTokens(fed);
        Value ids = graph.input("labels", TensorType.of(ElementType.INT64, labels.length));
        fed.put("labels", new OnnxValues(new long[] {labels.length}, labels, new float[0]));
        Value loss = new CrossEntropy(ops, ops.rows(logits), ids).mean();

        List<Value> outputs = new ArrayList<>(List.of(graph.named("l", logits), graph.named("loss", loss)));
        List<Value> gradients = Backward.gradients(graph, loss, trainables.values());
        for (int i = 0; i < gradients.size(); i++) {
            outputs.add(graph.named("g" + i, gradients.get(i)));
        }
        List<Value> inputs = new ArrayList<>(bound.values());
        inputs.add(ids);
        List<float[]> results = run(graph.model("check", inputs, outputs), fed, outputs);

        assertThat(distance(results.get(0), reference.read("logits_1").floats()))
                .isLessThan(2e-4f);
        assertThat(distance(results.get(1), torch.read("loss").floats())).isLessThan(1e-5f);
        assertThat(gradients.size()).isGreaterThanOrEqualTo(namedWeightsMin);
        for (int i = 0; i < gradients.size(); i++) {
            String weight = trainables.values().get(i).name();
            assertThat(distance(results.get(i + 2), torch.read("grad/" + weight).floats()))
                    .as(weight)
                    .isLessThan(1e-5f);
        }
    }

    /** The TorchScript exporter stores the output layer of tied embeddings a second time, under another name. */
    private static boolean isHalfOfATiedPair(String model, String file, String weight) {
        return file.equals("model_ts.onnx")
                && ((model.equals("tiny-gpt2") && weight.equals("transformer.wte.weight"))
                        || (model.equals("stories260k-llama") && weight.equals("model.embed_tokens.weight")));
    }

    /** Largest difference of two elements; infinite if there is anything that is no number. */
    private static float distance(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        float largest = 0;
        for (int i = 0; i < found.length; i++) {
            float difference = Math.abs(found[i] - expected[i]);
            largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }

    /** One input: whole numbers or floats. */
    private static final class OnnxValues {
        private final long[] shape;
        private final long[] longs;
        private final float[] floats;

        OnnxValues(long[] shape, long[] longs, float[] floats) {
            this.shape = shape;
            this.longs = longs;
            this.floats = floats;
        }
    }

    /** The id that follows each real token. */
    private static long[] nextTokens(Map<String, OnnxValues> fed) {
        OnnxValues ids = Objects.requireNonNull(fed.get("input_ids"));
        long[] mask = Objects.requireNonNull(fed.get("attention_mask")).longs;
        int length = (int) ids.shape[1];
        long[] next = new long[ids.longs.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = (i + 1) % length == 0 || mask[i + 1] == 0 ? -100 : ids.longs[i + 1];
        }
        return next;
    }

    private static int opset(ModelProto model) {
        return (int) model.getOpsetImport(0).getVersion();
    }

    private static List<float[]> run(ModelProto model, Map<String, OnnxValues> fed, List<Value> outputs)
            throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensorLike> inputs = new HashMap<>();
        List<float[]> results = new ArrayList<>();
        try (OrtSession session = environment.createSession(model.toByteArray())) {
            for (Map.Entry<String, OnnxValues> feed : fed.entrySet()) {
                OnnxValues values = feed.getValue();
                inputs.put(
                        feed.getKey(),
                        values.longs.length > 0
                                ? OnnxTensor.createTensor(environment, LongBuffer.wrap(values.longs), values.shape)
                                : OnnxTensor.createTensor(environment, FloatBuffer.wrap(values.floats), values.shape));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                for (Value output : outputs) {
                    FloatBuffer buffer = ((OnnxTensor) result.get(output.name()).orElseThrow()).getFloatBuffer();
                    float[] values = new float[buffer.remaining()];
                    buffer.get(values);
                    results.add(values);
                }
            }
        } finally {
            inputs.values().forEach(OnnxTensorLike::close);
        }
        return results;
    }
}
