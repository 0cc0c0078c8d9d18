package dev.coppice.adapters.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.testkit.TestData;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulePathsTest {
    private static final List<String> LLAMA = List.of(
            "mlp.down_proj",
            "mlp.gate_proj",
            "mlp.up_proj",
            "self_attn.k_proj",
            "self_attn.o_proj",
            "self_attn.q_proj",
            "self_attn.v_proj");
    private static final List<String> PHI = List.of(
            "mlp.fc1", "mlp.fc2", "self_attn.dense", "self_attn.k_proj", "self_attn.q_proj", "self_attn.v_proj");
    private static final List<String> GPT2 = List.of("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj");
    private static final List<String> BERT = List.of(
            "attention.output.dense",
            "attention.self.key",
            "attention.self.query",
            "attention.self.value",
            "intermediate.dense",
            "output.dense");

    private final GraphProto.Builder graph = GraphProto.newBuilder();

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "onnx-torch-exports/stories260k-llama/model_ts.onnx, llama",
        "onnx-torch-exports/stories260k-llama/model_dynamo.onnx, llama",
        "onnx-torch-exports/tiny-phi/model_ts.onnx, phi",
        "onnx-torch-exports/tiny-phi/model_dynamo.onnx, phi",
        "onnx-torch-exports/tiny-gpt2/model_ts.onnx, gpt2",
        "onnx-torch-exports/tiny-gpt2/model_dynamo.onnx, gpt2",
        "onnx-torch-exports/tiny-bert-seqcls/model_ts.onnx, bert",
        "onnx-torch-exports/tiny-bert-seqcls/model_dynamo.onnx, bert",
        "onnx-genai/gpt2-fp32/past.onnx, gpt2-5"
    })
    void everyProductOfARealModelHasThePathThatPeftGivesIt(String file, String kind) throws Exception {
        ModelProto model = ModelReader.read(TestData.find("models/" + file));
        ModulePaths modules = ModulePaths.of(model);
        assertThat(modules.all()).containsExactlyInAnyOrderElementsOf(expected(kind));
        Set<String> heads = Set.of("lm_head", "classifier");
        for (ProductSite site : new ProductSites(model).all()) {
            String path = modules.find(site.weight()).orElseThrow();
            assertThat(modules.isHead(site.weight())).as(path).isEqualTo(heads.contains(path));
        }
    }

    private static List<String> expected(String kind) {
        return switch (kind) {
            case "llama" -> layers("model.layers.", 5, LLAMA, "lm_head");
            case "phi" -> layers("model.layers.", 3, PHI, "lm_head");
            case "gpt2" -> layers("transformer.h.", 3, GPT2, "lm_head");
            case "gpt2-5" -> layers("transformer.h.", 5, GPT2, "lm_head");
            default -> layers("bert.encoder.layer.", 3, BERT, "bert.pooler.dense", "classifier");
        };
    }

    private static List<String> layers(String prefix, int count, List<String> modules, String... others) {
        List<String> paths = new ArrayList<>(List.of(others));
        for (int layer = 0; layer < count; layer++) {
            for (String module : modules) {
                paths.add(prefix + layer + "." + module);
            }
        }
        return paths;
    }

    @Test
    void aBiasThatSeveralProductsShareNamesNone() {
        product("/model/layers.0/self_attn/q_proj/MatMul", "onnx::MatMul_1", "model.layers.0.self_attn.q_proj.bias");
        product("/model/layers.0/self_attn/k_proj/MatMul", "onnx::MatMul_2", "model.layers.0.self_attn.q_proj.bias");
        assertThat(paths()).containsExactly("model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj");
    }

    @Test
    void aBiasOfAModuleAroundYieldsToTheScopeInside() {
        product(
                "/bert/encoder/layer.0/output/dense/MatMul",
                "onnx::MatMul_1",
                "bert.encoder.layer.0.output.dense.bias");
        product("/cls/predictions/decoder/MatMul", "onnx::MatMul_2", "cls.predictions.bias");
        assertThat(paths()).containsExactly("bert.encoder.layer.0.output.dense", "cls.predictions.decoder");
    }

    @Test
    void namesOfQuantizersAndOfTheGenaiBuilderAreUnderstood() {
        product("a", "model.layers.0.attn.qkv_proj.MatMul.weight", "");
        product("b", "model.layers.1.self_attn.q_proj.weight_Q4", "");
        product("c", "model.layers.1.mlp.up_proj.qweight", "");
        product("d", "lm_head.MatMul.weight_quantized", "");
        assertThat(paths())
                .containsExactly(
                        "model.layers.0.self_attn.qkv_proj",
                        "model.layers.1.self_attn.q_proj",
                        "model.layers.1.mlp.up_proj",
                        "lm_head");
    }

    @Test
    void aTiedOutputLayerIsNotTheEmbedding() {
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Gather")
                .addInput("model.embed_tokens.weight")
                .addInput("ids"));
        product("/model/layers.0/mlp/up_proj/MatMul", "onnx::MatMul_1", "");
        product("/lm_head/MatMul", "model.embed_tokens.weight", "");
        assertThat(paths()).containsExactly("model.layers.0.mlp.up_proj", "lm_head");
        assertThat(ModulePaths.of(model()).isEmbedding("model.embed_tokens.weight"))
                .isTrue();
    }

    @Test
    void scopesThatLeaveAModuleOutAreCompletedFromTheParametersAround() {
        graph.addInitializer(TensorProto.newBuilder().setName("m.model.decoder.layers.0.self_attn_layer_norm.weight"));
        product("/m/decoder/layers.0/self_attn/q_proj/MatMul", "onnx::MatMul_1", "");
        product("/m/lm_head/MatMul", "onnx::MatMul_2", "");
        assertThat(paths()).containsExactly("model.decoder.layers.0.self_attn.q_proj", "lm_head");
    }

    @Test
    void theScopesOfTheDynamoExporterAreRead() {
        product("node_linear", "val_1", "");
        annotate("pkg.torch.onnx.name_scopes", "['', 'model', 'model.layers.0', 'model.layers.0.fc', 'linear']");
        product("node_linear_1", "val_2", "");
        annotate("namespace", ": W/model: pkg.Model/model.layers.1.fc: torch.nn.Linear/linear_1: aten.linear.default");
        assertThat(paths()).containsExactly("model.layers.0.fc", "model.layers.1.fc");
    }

    @Test
    void onlyWhatStandsBeforeAKnownBeginningIsAWrapper() {
        assertThat(Wrapper.of(List.of("a.b.model.layers.0.x", "a.b.lm_head"))).isEqualTo("a.b.");
        assertThat(Wrapper.of(List.of("net.fc1", "net.fc2"))).isEmpty();
        assertThat(Wrapper.of(List.of("model.decoder.layers.0.x"))).isEmpty();
        assertThat(Wrapper.of(List.of("m.model.layers.0.x", "n.lm_head"))).isEmpty();
        assertThat(Wrapper.of(List.of("m"))).isEmpty();
        assertThat(Wrapper.of(List.of())).isEmpty();
    }

    @Test
    void aProductThatNothingNamesHasNoPathAndTheOthersAreListed() {
        product("MatMul_1", "onnx::MatMul_1", "");
        product("/model/layers.7/fc/MatMul", "onnx::MatMul_2", "");
        ModulePaths modules = ModulePaths.of(model());
        assertThat(modules.find("onnx::MatMul_1")).isEmpty();
        assertThat(modules.refusal("no")).hasMessage("no; it has model.layers.*.fc");
    }

    private void product(String node, String weight, String bias) {
        String product = "product_" + graph.getNodeCount();
        if (graph.getInitializerList().stream()
                .noneMatch(known -> known.getName().equals(weight))) {
            graph.addInitializer(
                    TensorProto.newBuilder().setName(weight).addDims(2).addDims(2));
        }
        graph.addNode(NodeProto.newBuilder()
                .setName(node)
                .setOpType("MatMul")
                .addInput("x")
                .addInput(weight)
                .addOutput(product));
        if (!bias.isEmpty()) {
            graph.addInitializer(TensorProto.newBuilder().setName(bias).addDims(2));
            graph.addNode(NodeProto.newBuilder()
                    .setOpType("Add")
                    .addInput(bias)
                    .addInput(product)
                    .addOutput(product + "_biased"));
        }
    }

    private void annotate(String key, String value) {
        graph.getNodeBuilder(graph.getNodeCount() - 1)
                .addMetadataProps(
                        StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }

    private ModelProto model() {
        return ModelProto.newBuilder()
                .setGraph(graph.addOutput(ValueInfoProto.newBuilder().setName("y")))
                .build();
    }

    private List<String> paths() {
        ModelProto model = model();
        ModulePaths modules = ModulePaths.of(model);
        return new ProductSites(model)
                .all().stream()
                        .map(site -> modules.find(site.weight()).orElse("none"))
                        .toList();
    }
}
