package dev.coppice.adapters.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.coppice.adapters.TinyDecoder;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fused operator as ONNX Runtime's own kernel computes it, against what it is lowered to. */
class LoweringsTest {
    private static final Attributes NONE = Attributes.none();
    private static final int B = 2;
    private static final int L = 5;

    /**
     * One use of an operator.
     *
     * @param opset of the model
     * @param shapes of the operator's float inputs, which are fed
     * @param call adds the operator to a model, given those inputs, and returns the output that is compared
     */
    record Case(String op, String detail, int opset, List<long[]> shapes, Call call) {
        @Override
        public String toString() {
            return op + " " + detail;
        }
    }

    @FunctionalInterface
    interface Call {
        String add(ModelBuilder b, List<String> x);
    }

    static Stream<Case> cases() {
        return Stream.of(
                microsoft("Gelu", NONE, sh(B, L, 4)),
                microsoft("BiasGelu", NONE, sh(B, L, 4), sh(4)),
                microsoft("FastGelu", NONE, sh(B, L, 4), sh(4)),
                microsoft("QuickGelu", NONE.real("alpha", 1.5f), sh(B, L, 4)),
                standard("Gelu", "exact", 20, NONE, sh(B, 4)),
                standard("Gelu", "by tanh", 20, NONE.text("approximate", "tanh"), sh(B, 4)),
                standard("HardSwish", "", 17, NONE, sh(B, 4)),
                standard("HardSigmoid", "", 17, NONE.real("alpha", 0.3f), sh(B, 4)),
                standard("Mish", "", 18, NONE, sh(B, 4)),
                standard("Swish", "", 24, NONE.real("alpha", 1.5f), sh(B, 4)),
                oneHot("last", NONE),
                oneHot("in front", NONE.integer("axis", 0)),
                standard("RMSNormalization", "", 23, NONE.real("epsilon", 1e-3f), sh(B, L, 4), sh(4)),
                standard("SimplifiedLayerNormalization", "", 17, NONE.real("epsilon", 1e-3f), sh(B, L, 4), sh(4)),
                microsoft(
                        "SkipSimplifiedLayerNormalization",
                        NONE.real("epsilon", 1e-3f),
                        sh(B, L, 4),
                        sh(B, L, 4),
                        sh(4)),
                microsoft("SkipLayerNormalization", NONE, sh(B, L, 4), sh(B, L, 4), sh(4), sh(4), sh(4)),
                new Case(
                        "SkipLayerNormalization",
                        "sum",
                        17,
                        List.of(sh(B, L, 4), sh(B, L, 4), sh(4)),
                        (b, x) -> b.nodes(Node.MICROSOFT, "SkipLayerNormalization", NONE, 4, array(x))
                                .get(3)),
                new Case(
                        "EmbedLayerNormalization",
                        "",
                        17,
                        List.of(sh(9, 8), sh(L, 8), sh(2, 8), sh(8), sh(8)),
                        LoweringsTest::embed),
                rotary("halves", NONE, 4),
                rotary("interleaved", NONE.integer("interleaved", 1), 4),
                rotary("of a part", NONE.integer("rotary_embedding_dim", 4).integer("num_heads", 2), 2),
                standard("RotaryEmbedding", "without positions", 23, NONE, sh(B, 2, L, 8), sh(B, L, 4), sh(B, L, 4)),
                standard(
                        "RotaryEmbedding",
                        "flat, interleaved",
                        23,
                        NONE.integer("num_heads", 2).integer("interleaved", 1),
                        sh(B, L, 16),
                        sh(B, L, 4),
                        sh(B, L, 4)),
                attention("causal", NONE.integer("num_heads", 2).integer("unidirectional", 1), ""),
                attention("with a mask of lengths", NONE.integer("num_heads", 2), "lengths"),
                attention("with a mask", NONE.integer("num_heads", 2).real("scale", 0.3f), "mask"),
                microsoft("MultiHeadAttention", NONE.integer("num_heads", 2), sh(B, L, 8), sh(B, L, 8), sh(B, L, 8)),
                new Case(
                        "MultiHeadAttention",
                        "with biases of all kinds",
                        17,
                        List.of(sh(B, L, 8), sh(B, L, 8), sh(B, L, 8), sh(24), sh(1, 1, L, L)),
                        (b, x) -> b.nodeOf(
                                Node.MICROSOFT,
                                "MultiHeadAttention",
                                NONE.integer("num_heads", 2).integer("unidirectional", 1),
                                x.get(0),
                                x.get(1),
                                x.get(2),
                                x.get(3),
                                "",
                                x.get(4))),
                groupQuery("apart", NONE, false),
                groupQuery("packed, turned", NONE.integer("do_rotary", 1), true),
                groupQuery("capped, in a window", NONE.real("softcap", 2).integer("local_window_size", 2), false),
                standard(
                        "Attention",
                        "grouped, causal, flat",
                        23,
                        NONE.integer("q_num_heads", 4)
                                .integer("kv_num_heads", 2)
                                .integer("is_causal", 1),
                        sh(B, L, 16),
                        sh(B, L, 8),
                        sh(B, L, 8)),
                standard(
                        "Attention", "with a bias", 23, NONE, sh(B, 2, L, 4), sh(B, 2, L, 4), sh(B, 2, L, 4), sh(L, L)),
                standard(
                        "Attention",
                        "with a cap",
                        23,
                        NONE.real("softcap", 1.5f),
                        sh(B, 2, L, 4),
                        sh(B, 2, L, 4),
                        sh(B, 2, L, 4)),
                microsoft(
                        "FusedMatMul",
                        NONE.integer("transA", 1).integer("transB", 1).real("alpha", 0.5f),
                        sh(B, 3, 4),
                        sh(B, 5, 3)),
                standard("MatMul", "matrix by vector", 17, NONE, sh(B, 3, 4), sh(4)),
                standard("MatMul", "vector by matrices", 17, NONE, sh(4), sh(B, 4, 3)),
                standard(
                        "Einsum",
                        "scores",
                        17,
                        NONE.text("equation", "bqhd,bkhd->bhqk"),
                        sh(B, 3, 2, 4),
                        sh(B, 5, 2, 4)),
                standard("Einsum", "outer product", 17, NONE.text("equation", "i,j->ji"), sh(3), sh(4)),
                standard(
                        "Einsum", "sum over one", 17, NONE.text("equation", "bld,hdk->bhlk"), sh(B, 3, 4), sh(2, 4, 5)),
                standard("Softmax", "of old", 11, NONE.integer("axis", 1), sh(B, 3, 4)),
                standard("LogSoftmax", "of old, without an axis", 11, NONE, sh(B, 3, 4)),
                standard(
                        "ReduceMean",
                        "axes as an attribute",
                        13,
                        NONE.integers("axes", -1).integer("keepdims", 0),
                        sh(B, 3)),
                standard("ReduceL2", "", 13, NONE.integers("axes", 1), sh(B, 3)),
                standard("Unsqueeze", "axes as an attribute", 11, NONE.integers("axes", 0, 3), sh(B, 3)),
                new Case(
                        "Split",
                        "without sizes",
                        17,
                        List.of(sh(B, 6)),
                        (b, x) -> b.nodes("", "Split", NONE.integer("axis", 1), 3, array(x))
                                .get(1)),
                new Case(
                        "Split",
                        "sizes as an attribute",
                        11,
                        List.of(sh(B, 6)),
                        (b, x) -> b.nodes("", "Split", NONE.integer("axis", 1).integers("split", 1, 5), 2, array(x))
                                .get(1)),
                new Case(
                        "Slice",
                        "with steps",
                        17,
                        List.of(sh(4, 7)),
                        (b, x) -> b.node(
                                "Slice",
                                x.get(0),
                                b.integers(-1, 1),
                                b.integers(-100, 100),
                                b.integers(0, 1),
                                b.integers(-2, 3))),
                new Case(
                        "Pad",
                        "of one axis",
                        18,
                        List.of(sh(2, 3)),
                        (b, x) -> b.node("Pad", x.get(0), b.integers(1, 2), "", b.integers(-1))),
                new Case("Max", "of three", 17, List.of(sh(2, 3), sh(3), sh(2, 1)), (b, x) -> b.node("Max", array(x))),
                new Case(
                        "Pow",
                        "by a whole number",
                        17,
                        List.of(sh(2, 3)),
                        (b, x) -> b.node("Pow", x.get(0), b.constant(Tensor.ofLongs(new long[] {3})))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void computesWhatTheFusedKernelComputes(Case tried) throws Exception {
        assertThat(run(lowered(tried), tried.shapes()))
                .containsExactly(run(fused(tried), tried.shapes()), within(1e-5f));
    }

    private static ModelProto fused(Case tried) {
        ModelBuilder builder = new ModelBuilder("fused");
        List<String> names = new ArrayList<>();
        for (long[] shape : tried.shapes()) {
            names.add(builder.input("x" + names.size(), ElementType.FLOAT, dims(shape)));
        }
        builder.output(tried.call().add(builder, names), "y", ElementType.FLOAT);
        return at(builder.build(), tried.opset());
    }

    private static ModelProto lowered(Case tried) {
        Graph graph = new Graph();
        Map<String, Value> bound = new HashMap<>();
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < tried.shapes().size(); i++) {
            inputs.add(graph.input(
                    "x" + i, TensorType.of(ElementType.FLOAT, tried.shapes().get(i))));
            bound.put("x" + i, inputs.get(i));
        }
        StoredModel model = StoredModel.of(fused(tried));
        Value y = value(new Specializer(model, graph, ElementType.FLOAT, ProductHook.NONE).run(bound), "y");
        return graph.model("lowered", inputs, List.of(graph.named("y", y)));
    }

    @Test
    void everyFusedOperatorIsTried() {
        List<String> tried =
                Stream.concat(cases().map(Case::op), Stream.of("BiasSplitGelu")).toList();
        assertThat(Lowerings.fused())
                .allSatisfy(name -> assertThat(tried).contains(name.replace(Node.MICROSOFT + ".", "")));
    }

    @Test
    void aCacheThatIsNotEmptyIsRefusedWithItsNode() {
        ModelBuilder b = new ModelBuilder("cached");
        String q = b.input("q", ElementType.FLOAT, dims(sh(1, 2, 8)));
        String past = b.input("k", ElementType.FLOAT, dims(sh(1, 2, 3, 4)));
        b.output(
                b.nodeOf(
                        Node.MICROSOFT,
                        "MultiHeadAttention",
                        NONE.integer("num_heads", 2),
                        q,
                        q,
                        q,
                        "",
                        "",
                        "",
                        past,
                        past),
                "y",
                ElementType.FLOAT);
        Graph graph = new Graph();
        Map<String, Value> bound = Map.of(
                "q", graph.input("q", TensorType.of(ElementType.FLOAT, 1, 2, 8)),
                "k", graph.input("k", TensorType.of(ElementType.FLOAT, 1, 2, 3, 4)));
        Specializer specializer =
                new Specializer(StoredModel.of(b.build()), graph, ElementType.FLOAT, ProductHook.NONE);
        assertThatThrownBy(() -> specializer.run(bound))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("com.microsoft.MultiHeadAttention, version 1")
                .hasMessageContaining("cache");
    }

    /** Which has no kernel for CPUs: what ONNX Runtime makes of its parts. */
    @Test
    void aSplitGateIsOneHalfTimesTheGeluOfTheOther() throws Exception {
        List<long[]> shapes = List.of(sh(B, L, 8), sh(8));
        Case parts = new Case("BiasSplitGelu", "in parts", 17, shapes, (b, x) -> {
            String sum = b.node("Add", x.get(0), x.get(1));
            String left = b.node("Slice", sum, b.integers(0), b.integers(4), b.integers(2));
            String right = b.node("Slice", sum, b.integers(4), b.integers(8), b.integers(2));
            return b.node("Mul", left, b.nodeOf(Node.MICROSOFT, "Gelu", NONE, right));
        });
        assertThat(run(lowered(microsoft("BiasSplitGelu", NONE, sh(B, L, 8), sh(8))), shapes))
                .containsExactly(run(fused(parts), shapes), within(1e-5f));
    }

    /** Input 6 of version 24, which ONNX Runtime 1.24 ignores: what it makes of a mask that hides the same keys. */
    @Test
    void keysThatAreNotInUseAreHidden() throws Exception {
        List<long[]> shapes = List.of(sh(B, 2, 3, 4), sh(B, 2, L, 4), sh(B, 2, L, 4));
        Case used = new Case(
                "Attention",
                "with keys in use",
                24,
                shapes,
                (b, x) -> b.node(
                        "Attention",
                        NONE,
                        x.get(0),
                        x.get(1),
                        x.get(2),
                        "",
                        "",
                        "",
                        b.constant(Tensor.ofLongs(new long[] {5, 3}, B))));
        Case hidden = new Case("Attention", "with a mask", 23, shapes, (b, x) -> {
            String lengths = b.constant(Tensor.ofLongs(new long[] {5, 3}, B, 1, 1, 1));
            String mask = b.node("Less", b.integers(0, 1, 2, 3, 4), lengths);
            String forAll = b.node("Expand", mask, b.integers(B, 1, 3, L));
            return b.node("Attention", NONE, x.get(0), x.get(1), x.get(2), forAll);
        });
        assertThat(run(lowered(used), shapes)).containsExactly(run(fused(hidden), shapes), within(1e-5f));
    }

    @Test
    void causalityWithANumberOfKeysInUseIsRefusedWithItsNode() {
        Case both = new Case(
                "Attention",
                "both",
                24,
                List.of(sh(1, 2, 3, 4)),
                (b, x) -> b.node(
                        "Attention",
                        NONE.integer("is_causal", 1),
                        x.get(0),
                        x.get(0),
                        x.get(0),
                        "",
                        "",
                        "",
                        b.constant(Tensor.ofLongs(new long[] {2}, 1))));
        assertThatThrownBy(() -> lowered(both))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("Attention, version 24")
                .hasMessageContaining("versions differ");
    }

    private static String embed(ModelBuilder b, List<String> x) {
        String ids = b.constant(Tensor.ofLongs(ElementType.INT32, new long[] {1, 2, 3, 4, 5, 8, 7, 0, 0, 1}, B, L));
        String segments =
                b.constant(Tensor.ofLongs(ElementType.INT32, new long[] {0, 0, 1, 1, 1, 0, 1, 1, 1, 1}, B, L));
        return b.nodes(
                        Node.MICROSOFT,
                        "EmbedLayerNormalization",
                        NONE.real("epsilon", 1e-3f),
                        2,
                        ids,
                        segments,
                        x.get(0),
                        x.get(1),
                        x.get(2),
                        x.get(3),
                        x.get(4))
                .get(0);
    }

    private static Case oneHot(String detail, Attributes attributes) {
        return new Case("OneHot", detail, 17, List.of(sh(2)), (b, x) -> {
            String places = b.constant(Tensor.ofLongs(new long[] {0, 3, -1, 2, 4, -4}, 2, 3));
            return b.node("OneHot", attributes, places, b.integers(4), x.get(0));
        });
    }

    private static Case rotary(String detail, Attributes attributes, int half) {
        return new Case("RotaryEmbedding", detail, 17, List.of(sh(B, L, 16), sh(9, half), sh(9, half)), (b, x) -> {
            String positions = b.constant(Tensor.ofLongs(new long[] {0, 1, 2, 3, 4, 4, 5, 6, 7, 8}, B, L));
            return b.nodeOf(Node.MICROSOFT, "RotaryEmbedding", attributes, x.get(0), positions, x.get(1), x.get(2));
        });
    }

    private static Case attention(String detail, Attributes attributes, String mask) {
        return new Case("Attention", detail, 17, List.of(sh(B, L, 6), sh(6, 24), sh(24)), (b, x) -> {
            String third = switch (mask) {
                case "lengths" -> b.constant(Tensor.ofLongs(ElementType.INT32, new long[] {5, 3}, B));
                case "mask" ->
                    b.constant(Tensor.ofLongs(ElementType.INT32, new long[] {1, 1, 1, 1, 1, 1, 1, 0, 1, 0}, B, L));
                default -> "";
            };
            return b.nodeOf(Node.MICROSOFT, "Attention", attributes, x.get(0), x.get(1), x.get(2), third);
        });
    }

    /** Four heads of sixteen, two of keys; both rows are full. */
    private static Case groupQuery(String detail, Attributes attributes, boolean packed) {
        List<long[]> shapes =
                packed ? List.of(sh(B, L, 128), sh(9, 8), sh(9, 8)) : List.of(sh(B, L, 64), sh(B, L, 32), sh(B, L, 32));
        Attributes heads = attributes.integer("num_heads", 4).integer("kv_num_heads", 2);
        return new Case("GroupQueryAttention", detail, 17, shapes, (b, x) -> {
            String last = b.constant(Tensor.ofLongs(ElementType.INT32, new long[] {L - 1, L - 1}, B));
            String length = b.constant(Tensor.ofLongs(ElementType.INT32, new long[] {L}));
            String none = b.constant(Tensor.ofData(ElementType.FLOAT, ByteBuffer.allocate(0), B, 2, 0, 16));
            return b.nodes(
                            Node.MICROSOFT,
                            "GroupQueryAttention",
                            heads,
                            3,
                            x.get(0),
                            packed ? "" : x.get(1),
                            packed ? "" : x.get(2),
                            none,
                            none,
                            last,
                            length,
                            packed ? x.get(1) : "",
                            packed ? x.get(2) : "")
                    .get(0);
        });
    }

    private static Case microsoft(String op, Attributes attributes, long[]... shapes) {
        return new Case(op, "", 17, List.of(shapes), (b, x) -> b.nodeOf(Node.MICROSOFT, op, attributes, array(x)));
    }

    private static Case standard(String op, String detail, int opset, Attributes attributes, long[]... shapes) {
        return new Case(op, detail, opset, List.of(shapes), (b, x) -> b.node(op, attributes, array(x)));
    }

    private static String[] array(List<String> names) {
        return names.toArray(String[]::new);
    }

    private static long[] sh(long... shape) {
        return shape;
    }

    private static Dim[] dims(long... shape) {
        Dim[] dims = new Dim[shape.length];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Dim.fixed(shape[i]);
        }
        return dims;
    }

    static ModelProto at(ModelProto model, int opset) {
        ModelProto.Builder builder = model.toBuilder();
        builder.getOpsetImportBuilder(0).setVersion(opset);
        builder.getGraphBuilder()
                .getOutputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .clearShape();
        return builder.setIrVersion(opset > 21 ? 10 : 8).build();
    }

    static Value value(Map<String, Value> values, String name) {
        Value value = values.get(name);
        assertThat(value).as(name).isNotNull();
        return Objects.requireNonNull(value);
    }

    private static float[] run(ModelProto model, List<long[]> shapes) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OptLevel.NO_OPT); // what is compared is what the model says
            try (OrtSession session = environment.createSession(model.toByteArray(), options)) {
                for (int i = 0; i < shapes.size(); i++) {
                    float[] values = TinyDecoder.uniform(i + 1, 0.6, (int) Shapes.count(shapes.get(i)));
                    inputs.put("x" + i, OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shapes.get(i)));
                }
                try (OrtSession.Result result = session.run(inputs)) {
                    FloatBuffer buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
                    float[] values = new float[buffer.remaining()];
                    buffer.get(values);
                    return values;
                }
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
