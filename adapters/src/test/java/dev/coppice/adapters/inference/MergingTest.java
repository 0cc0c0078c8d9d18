package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters in a model's weights against the same adapters beside them. */
class MergingTest {
    private static final List<int[]> TEXTS = List.of(new int[] {1, 403, 407, 261, 378, 9}, new int[] {1, 17, 300, 4});

    @TempDir
    Path folder;

    /** Every product of the model, the output layer that is also the embedding included. */
    @ParameterizedTest
    @ValueSource(strings = {"model_ts.onnx", "model_dynamo.onnx"})
    void mergedIsAsGoodAsBeside(String file) throws Exception {
        ModelProto model = ModelReader.read(Foreign.stories(file));
        assertThat(distance(model, List.of(random(model, 4, 1, module -> true))))
                .isLessThan(1e-4f);
    }

    @Test
    void twoAdaptersAreStackedAsTheyAreMerged() throws Exception {
        ModelProto model = TinyDecoder.standard().build();
        Adapter one = random(model, 2, 1, module -> module.contains("q_proj"));
        Adapter other = random(model, 5, 2, module -> module.contains("_proj"));
        assertThat(distance(model, List.of(one, other))).isLessThan(1e-5f);
        assertThat(distance(model, List.of(other, one))).isLessThan(1e-5f);
    }

    @Test
    void halfPrecisionIsKnownAndRoundedOnce() throws Exception {
        ModelProto model = half();
        Adapter adapter = random(model, 4, 1, module -> module.equals("proj"));
        assertThat(distance(model, List.of(adapter))).isLessThan(0.01f);
        ModelProto merged = Merging.of(StoredModel.of(model), List.of(adapter));
        assertThat(weight(merged, "proj.weight").getDataType()).isEqualTo(ElementType.FLOAT16.code());
    }

    @Test
    void aQuantizedWeightIsRefused() {
        ModelBuilder b = new ModelBuilder("quantized");
        String x = b.input("x", ElementType.FLOAT, Dim.free("rows"), Dim.fixed(8));
        ModelProto plain = b.build();
        ModelEditor editor = new ModelEditor(plain);
        editor.setWeight(Protos.tensor("proj.weight", Tensor.ofLongs(ElementType.INT8, new long[64], 8, 8)));
        String scale = editor.constant(Tensor.scalar(ElementType.FLOAT, 0.1));
        String weight = editor.append("DequantizeLinear", Attributes.none(), "proj.weight", scale);
        editor.output(editor.append("MatMul", Attributes.none(), x, weight), "y", ElementType.FLOAT, Dim.free("rows"));
        ModelProto model = editor.build();
        Adapter adapter = adapter(Map.of("proj", List.of(8, 8)), 2, 1);
        assertThatThrownBy(() -> Merging.of(StoredModel.of(model), List.of(adapter)))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("proj is quantized");
    }

    /** An embedding and a product in float16. */
    private static ModelProto half() {
        ModelBuilder b = new ModelBuilder("half");
        String ids = b.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        ModelEditor editor = new ModelEditor(b.build());
        editor.setWeight(Protos.tensor("embed.weight", half(1, 512, 16)));
        editor.setWeight(Protos.tensor("proj.weight", half(2, 16, 24)));
        String x = editor.append("Gather", Attributes.none(), "embed.weight", ids);
        String y = editor.append("MatMul", Attributes.none(), x, "proj.weight");
        String wide = editor.append("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), y);
        editor.output(wide, "logits", ElementType.FLOAT, Dim.free("batch"), Dim.free("length"), Dim.fixed(24));
        return editor.build();
    }

    private static Tensor half(long seed, int rows, int columns) {
        float[] values = TinyDecoder.uniform(seed, 0.5, rows * columns);
        double[] wide =
                IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
        return Tensor.ofReals(ElementType.FLOAT16, wide, rows, columns);
    }

    @Test
    void anEmbeddingIsNotChangedByWhatIsMergedIntoTheOutputLayerThatIsTiedToIt() throws Exception {
        ModelProto model = ModelReader.read(Foreign.stories("model_dynamo.onnx"));
        ModelProto merged =
                Merging.of(StoredModel.of(model), List.of(random(model, 2, 1, module -> module.equals("lm_head"))));
        assertThat(weight(merged, "m.lm_head.weight")).isEqualTo(weight(model, "m.lm_head.weight"));
        assertThat(weight(merged, "lm_head.weight").getDimsList()).containsExactly(64L, 512L);
    }

    @Test
    void aMergedModelHasTheSameWeightsUnderTheSameNames() {
        ModelProto model = TinyDecoder.standard().build();
        ModelProto merged =
                Merging.of(StoredModel.of(model), List.of(random(model, 2, 1, module -> module.contains("q_proj"))));
        assertThat(names(merged)).isEqualTo(names(model));
        assertThat(ModulePaths.of(merged).all()).isEqualTo(ModulePaths.of(model).all());
    }

    @Test
    void aModuleThatIsNotThereIsRefusedByName() {
        ModelProto model = TinyDecoder.standard().build();
        Adapter adapter = adapter(Map.of("model.layers.7.self_attn.q_proj", List.of(64, 64)), 2, 1);
        assertThatThrownBy(() -> Merging.of(StoredModel.of(model), List.of(adapter)))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("model.layers.7.self_attn.q_proj");
    }

    @Test
    void anAdapterOfOtherWidthsIsRefused() {
        ModelProto model = TinyDecoder.standard().build();
        Adapter adapter = adapter(Map.of("model.layers.0.self_attn.q_proj", List.of(32, 64)), 2, 1);
        assertThatThrownBy(() -> Merging.of(StoredModel.of(model), List.of(adapter)))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("[32, 64]");
    }

    /** How far logits of the merged model are from those of the model with the adapters beside it. */
    private float distance(ModelProto model, List<Adapter> adapters) throws Exception {
        Path base = write("base.onnx", model);
        Path merged = write("merged.onnx", Merging.of(StoredModel.of(model), adapters));
        try (AdaptedSession adapted = Foreign.whole(base, AdapterTargets.of(adapters));
                AdaptedSession plain = Foreign.whole(merged, AdapterTargets.none());
                AdapterStack stack = AdapterStack.of(adapters);
                AdapterStack none = AdapterStack.none()) {
            float[] beside = Foreign.logits(adapted, stack, TEXTS);
            assertThat(Foreign.distance(Foreign.logits(adapted, none, TEXTS), beside, TEXTS))
                    .as("effect of the adapters")
                    .isGreaterThan(0.1f);
            return Foreign.distance(Foreign.logits(plain, none, TEXTS), beside, TEXTS);
        }
    }

    private Path write(String name, ModelProto model) throws Exception {
        return Files.write(folder.resolve(name), model.toByteArray());
    }

    private static Set<String> names(ModelProto model) {
        return model.getGraph().getInitializerList().stream()
                .map(TensorProto::getName)
                .collect(Collectors.toSet());
    }

    private static TensorProto weight(ModelProto model, String name) {
        return model.getGraph().getInitializerList().stream()
                .filter(weight -> weight.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Adapter random(ModelProto model, int rank, long seed, Predicate<String> modules) {
        Map<String, List<Integer>> shapes = new TreeMap<>();
        for (ProductSite site : ProductSites.of(model, ModulePaths.of(model))) {
            if (modules.test(site.module())) {
                shapes.put(site.module(), List.of((int) site.out(), (int) site.in()));
            }
        }
        return adapter(shapes, rank, seed);
    }

    private static Adapter adapter(Map<String, List<Integer>> shapes, int rank, long seed) {
        List<TensorSpec> tensors = new ArrayList<>();
        shapes.forEach((module, shape) -> {
            tensors.add(new TensorSpec(AdapterInputs.a(module), List.of(rank, shape.get(1))));
            tensors.add(new TensorSpec(AdapterInputs.b(module), List.of(shape.get(0), rank)));
        });
        ParameterLayout layout = ParameterLayout.of(tensors);
        return Adapter.of(AdapterWeights.of(layout, TinyDecoder.uniform(seed, 0.1, layout.count())), module -> 0.5);
    }
}
