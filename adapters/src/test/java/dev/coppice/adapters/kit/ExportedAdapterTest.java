package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraInjection;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.lora.ModuleRank;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.testkit.TestData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Adapters on models exported by PyTorch, against the gradients of full weights that PyTorch found. With W' = W + s B A
 * the chain rule gives dA = s B^T dW' and dB = s dW' A^T.
 */
class ExportedAdapterTest {
    private static final LoraSpec LORA = new LoraSpec(
            4,
            6,
            List.of("all-linear"),
            Factors.BOTH,
            7,
            LoraOptions.PLAIN.withRankStabilized().withRanks(new ModuleRank("mlp", 2, 3)));

    @TempDir
    Path folder;

    static List<Export> exports() throws Exception {
        return Export.all();
    }

    /** B is not zero here, so that A has a gradient: the base is W - s B A, and what the text passes through is W. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("exports")
    void gradientsOfBothFactorsFollowFromThoseOfTheFullWeights(Export export) throws Exception {
        Map<String, float[]> factors = factors(export, 0.2);
        TrainingGraph graph = graph(without(factors, export.model()), export);
        check(graph, export, factors);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exports")
    void atTheStartOnlyBHasAGradient(Export export) throws Exception {
        check(graph(export.model(), export), export, factors(export, 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exports")
    void aKitOfItTrains(Export export) throws Exception {
        LoraSpec lora = LORA.with(LORA.options().withDropout(0.1));
        Kit kit = KitBuilder.build(
                export.file(), "0".repeat(64), export.labels(), export.spec(lora), folder.resolve("kit"));
        Batch batch = export.batch();
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            float first = engine.step(batch, 1e-2f);
            float last = first;
            for (int i = 1; i < 20; i++) {
                last = engine.step(batch, 1e-2f);
            }
            assertThat(last).isLessThan(0.95f * first);
        }
    }

    /** Fused attention over a packed weight, a cache, biases that several modules share. */
    @Test
    void theFusedGraphThatOnnxRuntimeWroteTrainsToo() throws Exception {
        Path model = TestData.find("models/onnx-genai/gpt2-fp32/past.onnx");
        KitSpec spec = new KitSpec(Task.CAUSAL_LM, LORA, List.of(), 2, 6);
        Kit kit = KitBuilder.build(model, "0".repeat(64), List.of(), spec, folder.resolve("kit"));
        assertThat(kit.layout().tensors())
                .contains(new TensorSpec("transformer.h.4.attn.c_attn.lora_B.weight", List.of(96, 4)));
        long[] tokens = {1, 50, 51, 52, 7, 9, 1, 90, 91, 0, 0, 0};
        long[] next = {50, 51, 52, 7, 9, 3, 90, 91, 4, -100, -100, -100};
        Batch batch = Batch.causal(2, 6, 2, tokens, new int[] {6, 3}, next);
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            float first = engine.step(batch, 1e-2f);
            float last = first;
            for (int i = 1; i < 20; i++) {
                last = engine.step(batch, 1e-2f);
            }
            assertThat(last).isLessThan(0.95f * first);
        }
    }

    /** PEFT's own adapter on both exports: its names are those of the modules that are found. */
    @ParameterizedTest
    @ValueSource(strings = {"model_ts.onnx", "model_dynamo.onnx"})
    void anAdapterOfPeftGivesThePredictionsThatPeftComputed(String file) throws Exception {
        Path peft = TestData.find("models/peft-adapters/llama-qv-r4");
        AdapterWeights adapter = Safetensors.read(Files.readAllBytes(peft.resolve("adapter_model.safetensors")));
        Npz reference = new Npz(peft.resolve("reference.npz"));
        ModelProto model = Export.of("stories260k-llama/" + file).model();
        LoraSpec lora = new LoraSpec(4, 8, List.of("q_proj", "v_proj"), Factors.BOTH, 1);
        Graph graph = new Graph();
        Trainables trainables = new Trainables(graph, ElementType.FLOAT);
        Value tokens = graph.input("input_ids", TensorType.of(ElementType.INT64, 2, 64));
        Value mask = graph.input("attention_mask", TensorType.of(ElementType.INT64, 2, 64));
        LoraInjection injection = new LoraInjection(lora, ModulePaths.of(model), trainables);
        Value logits =
                Objects.requireNonNull(new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, injection)
                        .run(Map.of("input_ids", tokens, "attention_mask", mask))
                        .get("logits"));
        List<Value> inputs = new ArrayList<>(List.of(tokens, mask));
        inputs.addAll(trainables.values());
        try (PlainRun run = new PlainRun()) {
            run.feed("input_ids", reference.read("input_ids").longs(), 2, 64);
            run.feed("attention_mask", reference.read("attention_mask").longs(), 2, 64);
            assertThat(trainables.values()).hasSameSizeAs(adapter.layout().tensors());
            for (TensorSpec tensor : trainables.initial().layout().tensors()) {
                TensorSpec saved = new TensorSpec("base_model.model." + tensor.name(), tensor.shape());
                run.feed(tensor.name(), adapter.tensor(saved), shape(tensor));
            }
            ModelProto adapted = graph.model("adapted", inputs, List.of(graph.named("y", logits)));
            assertThat(run.run(adapted).get("y"))
                    .containsExactly(reference.read("logits_adapter").floats(), within(1e-4f));
        }
    }

    /** Two texts that begin alike and are labelled unlike: only what reads their ends can tell them apart. */
    @ParameterizedTest
    @EnumSource(Pooling.class)
    void aLanguageModelGetsANewHeadThatReadsTheTokenAskedFor(Pooling pooling) throws Exception {
        LoraSpec lora = new LoraSpec(4, 8, List.of("q", "v"), Factors.B, 1);
        KitSpec spec = new KitSpec(Task.TEXT_CLASSIFICATION, lora, List.of("a", "b"), 2, 6)
                .with(Objective.PLAIN.withPooling(pooling));
        Path model = Export.of("stories260k-llama/model_ts.onnx").file();
        Kit kit = KitBuilder.build(model, "0".repeat(64), List.of(), spec, folder.resolve("kit"));
        long[] tokens = {1, 50, 51, 52, 0, 0, 1, 90, 91, 0, 0, 0};
        Batch batch = Batch.classification(2, 6, 2, tokens, new int[] {4, 3}, new long[] {0, 1});
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            float last = 0;
            for (int i = 0; i < 40; i++) {
                last = engine.step(batch, 1e-2f);
            }
            if (pooling == Pooling.LAST_TOKEN) {
                assertThat(last).isLessThan(0.1f);
            } else {
                assertThat(last).isGreaterThan(0.69f);
            }
        }
    }

    private static void check(TrainingGraph graph, Export export, Map<String, float[]> factors) throws Exception {
        AdapterWeights initial = graph.initial();
        Map<String, float[]> found;
        try (PlainRun run = new PlainRun()) {
            export.feed(run);
            for (TensorSpec tensor : initial.layout().tensors()) {
                float[] values = factors.getOrDefault(tensor.name(), initial.tensor(tensor));
                run.feed(tensor.name(), values, shape(tensor));
            }
            found = run.run(graph.plain(Placement.INSIDE));
        }
        assertThat(found.get("loss")).containsExactly(new float[] {export.torchLoss()}, within(1e-4f));
        for (TensorSpec tensor : initial.layout().tensors()) {
            float[] gradient = Objects.requireNonNull(found.get(tensor.name() + "_grad"));
            float[] expected = expected(export, tensor, factors);
            assertThat(relativeError(gradient, expected)).as(tensor.name()).isLessThan(1e-4);
        }
    }

    private static float[] expected(Export export, TensorSpec tensor, Map<String, float[]> factors) throws Exception {
        String module = module(tensor.name());
        if (module.isEmpty()) {
            return export.torchGradient(tensor.name());
        }
        float[] a = Objects.requireNonNull(factors.get(module + ".lora_A.weight"));
        float[] b = Objects.requireNonNull(factors.get(module + ".lora_B.weight"));
        float[][] dw = export.torchGradientOf(module);
        int rank = LORA.rank(module);
        double scale = LORA.scale(module);
        boolean isA = tensor.name().contains("lora_A");
        float[] expected = new float[tensor.count()];
        for (int o = 0; o < dw.length; o++) {
            for (int i = 0; i < dw[o].length; i++) {
                for (int k = 0; k < rank; k++) {
                    double scaled = scale * dw[o][i];
                    if (isA) {
                        expected[k * dw[o].length + i] += (float) (scaled * b[o * rank + k]);
                    } else {
                        expected[o * rank + k] += (float) (scaled * a[k * dw[o].length + i]);
                    }
                }
            }
        }
        return expected;
    }

    /** Values for every factor that a kit of this model has. */
    private static Map<String, float[]> factors(Export export, double sizeOfB) throws Exception {
        Map<String, float[]> factors = new HashMap<>();
        for (TensorSpec tensor :
                graph(export.model(), export).initial().layout().tensors()) {
            if (!module(tensor.name()).isEmpty()) {
                double size = tensor.name().contains("lora_A") ? 0.2 : sizeOfB;
                factors.put(tensor.name(), TinyDecoder.uniform(tensor.name().hashCode(), size, tensor.count()));
            }
        }
        return factors;
    }

    /** The model with s B A taken off its weights. */
    private static ModelProto without(Map<String, float[]> factors, ModelProto model) {
        ModelProto.Builder changed = model.toBuilder();
        ModulePaths modules = ModulePaths.of(model);
        for (TensorProto.Builder weight : changed.getGraphBuilder().getInitializerBuilderList()) {
            String module = modules.find(weight.getName()).orElse("");
            float[] a = factors.get(module + ".lora_A.weight");
            float[] b = factors.get(module + ".lora_B.weight");
            if (a != null && b != null) {
                takeOff(weight, a, b, module);
            }
        }
        return changed.build();
    }

    /** Of the models here only Gemm's own weights are stored as [out, in]; GPT-2's are the exception. */
    private static void takeOff(TensorProto.Builder weight, float[] a, float[] b, String module) {
        int rank = LORA.rank(module);
        double scale = LORA.scale(module);
        int in = a.length / rank;
        int out = b.length / rank;
        boolean swapped = weight.getName().endsWith(".weight") && !module.startsWith("transformer.h.");
        float[] values = ModelReader.tensor(weight.build()).toFloats();
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                double product = 0;
                for (int k = 0; k < rank; k++) {
                    product += (double) b[o * rank + k] * a[k * in + i];
                }
                values[swapped ? o * in + i : i * out + o] -= (float) (scale * product);
            }
        }
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        weight.clearFloatData().setRawData(ByteString.copyFrom(raw));
    }

    private static TrainingGraph graph(ModelProto model, Export export) {
        return new TrainingGraph(
                StoredModel.of(model), export.labels(), export.spec(LORA), ElementType.FLOAT, Recomputation.NEVER);
    }

    /** The module of a factor's name; empty if the name is no factor's. */
    private static String module(String tensor) {
        int end = tensor.indexOf(".lora_");
        return end < 0 ? "" : tensor.substring(0, end);
    }

    private static long[] shape(TensorSpec tensor) {
        return tensor.shape().stream().mapToLong(Integer::longValue).toArray();
    }

    private static double relativeError(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < found.length; i++) {
            difference += Math.pow((double) found[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return size == 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
    }
}
