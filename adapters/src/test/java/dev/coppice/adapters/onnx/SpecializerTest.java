package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Structure of models: caches, branches, functions, copies of weights, what is refused. */
class SpecializerTest {
    private static final Attributes NONE = Attributes.none();
    private final Graph graph = new Graph();
    private final ModelBuilder builder = new ModelBuilder("tried");

    @Test
    void aWeightKeepsItsNameThoughGraphsNameConstantsLikeThat() {
        ModelProto.Builder model = ModelProto.newBuilder()
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17));
        GraphProto.Builder graphOf = model.getGraphBuilder();
        graphOf.addInput(Protos.info("x", ElementType.FLOAT, List.of(Dim.fixed(2))));
        graphOf.addOutput(Protos.info("y", ElementType.FLOAT, List.of(Dim.fixed(2))));
        graphOf.addInitializer(Protos.tensor("shape", Tensor.ofLongs(new long[] {2}, 1)));
        graphOf.addInitializer(Protos.tensor("constant_0", Tensor.ofFloats(new float[] {1, 2}, 2)));
        graphOf.addNode(
                Protos.node(new Node("", "Add", Attributes.none(), List.of("x", "constant_0"), List.of("y")), 0));
        Graph graph = new Graph();
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 2));
        StoredModel stored = StoredModel.of(model.build());
        assertThat(new Specializer(stored, graph, ElementType.FLOAT, ProductHook.NONE).run(Map.of("x", x)))
                .containsKey("y");
    }

    @Test
    void anEmptyCacheFoldsAway() {
        String ids = builder.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        builder.input("attention_mask", ElementType.INT64, Dim.free("batch"), Dim.free("total"));
        String past = builder.input(
                "past_key_values.0.key",
                ElementType.FLOAT,
                Dim.free("batch"),
                Dim.fixed(2),
                Dim.free("past"),
                Dim.fixed(4));
        String x = builder.node("Gather", builder.weight("table", new float[24], 3, 8), ids);
        String heads = builder.node("Reshape", x, builder.integers(0, 0, 2, 4));
        String key = builder.node("Transpose", NONE.integers("perm", 0, 2, 1, 3), heads);
        String all = builder.node("Concat", NONE.integer("axis", 2), past, key);
        String length = builder.node("Gather", builder.node("Shape", past), builder.integers(2));
        String whole = builder.node("Add", length, builder.integers(3));
        builder.output(
                builder.node("Slice", all, builder.integers(0), whole, builder.integers(2)), "y", ElementType.FLOAT);

        Value y = replayed(builder.build());
        assertThat(y.shape()).containsExactly(2, 2, 3, 4);
        assertThat(graph.calls().stream().map(Call::op)).containsExactly("Gather", "Reshape", "Transpose");
    }

    @Test
    void aBranchWhoseConditionIsKnownIsWrittenOut() {
        String ids = builder.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String cached = builder.input("use_cache_branch", ElementType.BOOL, Dim.fixed(1));
        Attributes branches = NONE.graph("then_branch", branch("Neg", ids)).graph("else_branch", branch("Abs", ids));
        builder.output(builder.node("If", branches, cached), "y", ElementType.INT64);
        replayed(builder.build());
        assertThat(graph.calls().stream().map(Call::op)).containsExactly("Abs");
    }

    @Test
    void aBranchThatDependsOnDataIsRefused() {
        String ids = builder.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String some = builder.node(
                "Equal", builder.node("ReduceMax", ids), builder.constant(Tensor.ofLongs(new long[1], 1, 1)));
        Attributes branches = NONE.graph("then_branch", branch("Neg", ids)).graph("else_branch", branch("Abs", ids));
        builder.output(builder.node("If", branches, some), "y", ElementType.INT64);
        assertThatThrownBy(() -> replayed(builder.build()))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("(If, version 17)")
                .hasMessageContaining("without control flow");
    }

    /** y = Scaled(x) with Scaled(x; by) = x * Constant(by), of which a model may bring the definition. */
    @Test
    void functionsOfTheModelAreWrittenOutWithTheCallersAttributes() {
        String x = builder.input("x", ElementType.FLOAT, Dim.fixed(2));
        builder.output(builder.nodeOf("mine", "Scaled", NONE.real("by", 3), x), "y", ElementType.FLOAT);
        AttributeProto by = AttributeProto.newBuilder()
                .setName("value_float")
                .setRefAttrName("by")
                .setType(AttributeProto.AttributeType.FLOAT)
                .build();
        FunctionProto function = FunctionProto.newBuilder()
                .setDomain("mine")
                .setName("Scaled")
                .addInput("a")
                .addOutput("b")
                .addAttribute("by")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(18))
                .addNode(NodeProto.newBuilder()
                        .setOpType("Constant")
                        .addOutput("c")
                        .addAttribute(by))
                .addNode(NodeProto.newBuilder()
                        .setOpType("Mul")
                        .addInput("a")
                        .addInput("c")
                        .addOutput("b"))
                .build();
        replayed(builder.build().toBuilder().addFunctions(function).build());
        assertThat(graph.calls()).hasSize(1);
        Call call = graph.calls().get(0);
        assertThat(call.op()).isEqualTo("Mul");
        assertThat(call.input(1).constant().map(Tensor::toFloats)).hasValue(new float[] {3});
    }

    @Test
    void copiesOfAMatrixAreFoundAndFollowWhatIsBoundInItsPlace() {
        float[] values = {1, 2, 3, 4, 5, 6};
        float[] turned = {1, 4, 2, 5, 3, 6};
        builder.weight("embedding.weight", values, 2, 3);
        String copy = builder.weight("onnx::MatMul_7", turned, 3, 2);
        builder.weight("other.weight", new float[] {1, 2, 3, 4, 5, 7}, 2, 3);
        builder.weight("zeros.weight", new float[6], 2, 3);
        builder.weight("more.weight", new float[6], 2, 3);
        builder.output(copy, "y", ElementType.FLOAT);
        ModelProto model = builder.build();
        assertThat(TiedWeights.of(StoredModel.of(model)).pairs())
                .containsExactly(new TiedWeights.Pair("embedding.weight", "onnx::MatMul_7", true));
        Value trained = graph.input("embedding.weight", TensorType.of(ElementType.FLOAT, 2, 3));
        new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, ProductHook.NONE)
                .run(Map.of("embedding.weight", trained));
        assertThat(graph.calls()).hasSize(1);
        assertThat(graph.calls().get(0).input(0)).isSameAs(trained);
    }

    @Test
    void weightsOfHalfPrecisionAreUsedAsFloats() {
        String x = builder.input("x", ElementType.FLOAT16, Dim.fixed(2));
        Tensor half = Tensor.ofLongs(ElementType.INT64, new long[] {1}, 1);
        String one = builder.node("Cast", NONE.integer("to", ElementType.FLOAT16.code()), builder.constant(half));
        builder.output(builder.node("Add", x, one), "y", ElementType.FLOAT16);
        assertThat(replayed(builder.build()).element()).isEqualTo(ElementType.FLOAT);
    }

    @ParameterizedTest
    @CsvSource({
        "com.microsoft, SparseAttention, without ONNX Runtime's fused operators",
        "com.acme, Magic, without custom ones",
        "'', NonZero, shapes must not depend on data",
        "'', Loop, without control flow",
        "'', GRU, opset 17 or newer"
    })
    void anUnknownOperatorIsNamedBeforeAnyWorkIsDone(String domain, String op, String remedy) {
        String x = builder.input("x", ElementType.FLOAT, Dim.fixed(2));
        builder.output(builder.nodeOf(domain, op, NONE, builder.node("Exp", x)), "y", ElementType.FLOAT);
        assertThatThrownBy(() -> replayed(builder.build()))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining(op)
                .hasMessageContaining(domain)
                .hasMessageContaining(remedy);
        assertThat(graph.calls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10", "25"})
    void versionsThatNobodyHereHasReadAboutAreRefused(int opset) {
        builder.output(builder.input("x", ElementType.FLOAT, Dim.fixed(2)), "y", ElementType.FLOAT);
        assertThatThrownBy(() -> replayed(LoweringsTest.at(builder.build(), opset)))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("opset 11 to 24");
    }

    @Test
    void anInputThatNothingIsKnownAboutIsRefusedByName() {
        builder.input("input_ids", ElementType.INT64, Dim.free("batch"), Dim.free("length"));
        String pictures = builder.input("pixel_values", ElementType.FLOAT, Dim.fixed(3));
        builder.output(pictures, "y", ElementType.FLOAT);
        assertThatThrownBy(() -> replayed(builder.build()))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("pixel_values");
    }

    /** Two texts of three tokens; inputs named x are fed as they are. */
    private Value replayed(ModelProto model) {
        TensorType tokens = TensorType.of(ElementType.INT64, 2, 3);
        Map<String, Value> bound = new HashMap<>(ModelInputs.bind(
                model, new Ops(graph), ElementType.FLOAT, graph.input("ids", tokens), graph.input("mask", tokens)));
        List<ValueInfoProto> inputs = new ArrayList<>(model.getGraph().getInputList());
        inputs.removeIf(input -> !input.getName().equals("x"));
        inputs.forEach(input -> bound.put("x", graph.input("x", TensorType.of(ElementType.FLOAT, 2))));
        return LoweringsTest.value(
                new Specializer(StoredModel.of(model), graph, ElementType.FLOAT, ProductHook.NONE).run(bound), "y");
    }

    private static GraphProto branch(String op, String x) {
        return GraphProto.newBuilder()
                .addNode(NodeProto.newBuilder().setOpType(op).addInput(x).addOutput("result"))
                .addOutput(ValueInfoProto.newBuilder().setName("result"))
                .build();
    }
}
