package dev.coppice.adapters.fusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.autodiff.Backward;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every pattern: the same numbers, by the operators that were meant, and nothing where it does not fit. */
class FusionTest {
    private static final Attributes LAST = Attributes.none().integer("axis", -1);

    /** Operands, what is computed from them, and the operators that are left. */
    record Case(String name, Kernels kernels, List<long[]> shapes, Formula formula, List<String> operators) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Formula {
        List<Value> of(Ops ops, List<Value> x);
    }

    static Stream<Case> cases() {
        return Stream.of(
                stock("a turned right factor", stacks(), (o, x) -> o.matMul(x.get(0), o.swap(x.get(0))), "FusedMatMul"),
                stock("a turned left factor", stacks(), (o, x) -> o.matMul(o.swap(x.get(0)), x.get(1)), "FusedMatMul"),
                stock(
                        "a turned product",
                        stacks(),
                        (o, x) -> o.swap(o.matMul(o.swap(x.get(0)), x.get(1))),
                        "FusedMatMul"),
                stock(
                        "a product times a number, seen in another shape",
                        stacks(),
                        (o, x) -> o.scale(o.reshape(o.matMul(x.get(0), o.swap(x.get(1))), 4, 3, 3), 0.3),
                        "FusedMatMul",
                        "Reshape"),
                stock(
                        "what was turned twice, and a factor, ahead of a product",
                        stacks(),
                        (o, x) -> {
                            Value turned = o.swap(x.get(1));
                            return o.add(
                                    o.matMul(o.scale(x.get(0), 0.3), turned),
                                    o.matMul(x.get(0), o.swap(o.swap(turned))));
                        },
                        "FusedMatMul",
                        "FusedMatMul",
                        "Add"),
                stock(
                        "the narrow operand is turned, not the wide one, where the product is moved anyway",
                        List.of(sh(2, 2, 3, 4), sh(2, 2, 3, 2)),
                        (o, x) -> o.transpose(o.matMul(o.swap(x.get(0)), x.get(1)), 0, 2, 1, 3),
                        "FusedMatMul",
                        "Transpose"),
                stock(
                        "rotary positions ahead of a change of axes",
                        List.of(sh(2, 3, 5, 6), sh(2, 3, 5, 4), sh(6, 2), sh(6, 2)),
                        (o, x) -> o.transpose(rotated(o, o.matMul(o.swap(x.get(0)), x.get(1)), x), 0, 2, 1, 3),
                        "FusedMatMul",
                        "Transpose",
                        "Reshape",
                        "RotaryEmbedding",
                        "Reshape"),
                stock(
                        "a factor for each row ahead of a product that makes rows shorter",
                        List.of(sh(3, 6), sh(3, 1), sh(6, 2), sh(6, 7)),
                        (o, x) -> o.concat(
                                1,
                                List.of(
                                        o.gemm(o.mul(x.get(0), x.get(1)), false, x.get(2), false, 0.5),
                                        o.gemm(o.mul(x.get(1), o.unary("Neg", x.get(0))), false, x.get(3), false, 1))),
                        "Gemm",
                        "Mul",
                        "Neg",
                        "Mul",
                        "Gemm",
                        "Concat"),
                stock(
                        "turned matrices",
                        List.of(sh(4, 3), sh(5, 4)),
                        (o, x) -> o.matMul(o.swap(x.get(0)), o.swap(x.get(1))),
                        "Gemm"),
                stock(
                        "a sum of products",
                        List.of(sh(3, 4), sh(4, 5), sh(3, 5)),
                        (o, x) -> o.add(
                                o.add(x.get(2), o.gemm(x.get(0), false, x.get(1), false, 0.5)),
                                o.gemm(x.get(0), false, x.get(1), false, 2)),
                        "Gemm",
                        "Gemm"),
                stock(
                        "rows by one matrix, and what is done to them",
                        List.of(sh(2, 3, 4), sh(4, 5), sh(2, 3, 5), sh(5)),
                        (o, x) -> o.mul(
                                o.unary("Sigmoid", o.add(x.get(2), o.matMul(x.get(0), x.get(1)))),
                                o.add(x.get(3), o.reshape(o.mean(x.get(2), 2), 2, 3, 1))),
                        "Reshape",
                        "Reshape",
                        "Gemm",
                        "Sigmoid",
                        "ReduceMean",
                        "Add",
                        "Reshape",
                        "Mul",
                        "Reshape"),
                training(
                        "a gate and its slope",
                        List.of(sh(3, 4), sh(3, 4)),
                        (o, x) -> gradient(o, x, o.mul(x.get(0), o.unary("Sigmoid", x.get(0)))),
                        "QuickGelu",
                        "Reshape",
                        "Expand",
                        "Mul",
                        "QuickGeluGrad"),
                training(
                        "the gradient of a softmax",
                        List.of(sh(2, 3, 4), sh(2, 3, 4)),
                        (o, x) -> gradient(o, x, o.graph().call("Softmax", LAST, x.get(0))),
                        "Softmax",
                        "Reshape",
                        "Expand",
                        "Mul",
                        "SoftmaxGrad_13"),
                stock(
                        "masked scores, some of them out of reach of normal numbers, all of a row, or none",
                        List.of(sh(2, 3, 3)),
                        (o, x) -> o.graph().call("Softmax", LAST, o.add(x.get(0), masked(o))),
                        "Add",
                        "ReduceMax",
                        "Sub",
                        "Max",
                        "Softmax"),
                stock(
                        "a softmax over another axis than the last",
                        List.of(sh(2, 3, 3)),
                        (o, x) -> o.graph()
                                .call("Softmax", Attributes.none().integer("axis", 1), o.add(x.get(0), x.get(0))),
                        "Add",
                        "Softmax"),
                stock(
                        "a gate stays where there is no kernel for its slope",
                        List.of(sh(3, 4), sh(3, 4)),
                        (o, x) -> o.mul(x.get(0), o.unary("Sigmoid", x.get(0))),
                        "Sigmoid",
                        "Mul"),
                training(
                        "a product with something else than its own gate stays",
                        List.of(sh(3, 4), sh(3, 4)),
                        (o, x) -> List.of(o.mul(x.get(1), o.unary("Sigmoid", x.get(0)))),
                        "Sigmoid",
                        "Mul"),
                training(
                        "what only looks like the slope of a gate stays",
                        List.of(sh(3, 4), sh(3, 4)),
                        (o, x) -> {
                            Value t = o.unary("Sigmoid", x.get(0));
                            Value other = o.unary("Sigmoid", x.get(1));
                            Value y = o.mul(x.get(0), t);
                            return List.of(
                                    o.mul(x.get(1), o.add(other, o.sub(y, o.mul(y, other)))),
                                    o.mul(x.get(1), o.add(t, o.sub(y, o.mul(y, other)))));
                        },
                        "Sigmoid",
                        "Sigmoid",
                        "QuickGelu",
                        "Mul",
                        "Sub",
                        "Add",
                        "Mul",
                        "Add",
                        "Mul"),
                stock(
                        "a factor for each row stays ahead of products with a turned left side or a summand",
                        List.of(sh(6, 3), sh(6, 1), sh(6, 2), sh(3, 2)),
                        (o, x) -> {
                            Value left = o.mul(x.get(0), x.get(1));
                            Value right = o.mul(x.get(1), o.unary("Neg", x.get(0)));
                            Value sum = o.graph().call("Gemm", Attributes.none(), right, x.get(3), x.get(2));
                            return o.concat(0, List.of(o.gemm(left, true, x.get(2), false, 1), sum));
                        },
                        "Mul",
                        "Neg",
                        "Mul",
                        "Gemm",
                        "Gemm",
                        "Concat"),
                stock(
                        "rows times a factor that are needed themselves are made once",
                        List.of(sh(3, 6), sh(3, 1), sh(6, 2), sh(6, 3)),
                        (o, x) -> {
                            Value rows = o.mul(x.get(0), x.get(1));
                            return o.concat(
                                    1,
                                    List.of(
                                            o.gemm(rows, false, x.get(2), false, 1),
                                            o.gemm(rows, false, x.get(3), false, 1)));
                        },
                        "Mul",
                        "Gemm",
                        "Gemm",
                        "Concat"),
                stock(
                        "rotary positions stay ahead of another change of axes, and where they are needed themselves",
                        List.of(sh(2, 3, 6, 4), sh(2, 3, 6, 4), sh(6, 2), sh(6, 2)),
                        (o, x) -> {
                            Value rotated = rotated(o, x.get(0), x);
                            Value moved = o.transpose(rotated(o, x.get(1), x), 0, 2, 3, 1);
                            return o.matMul(
                                    o.matMul(o.transpose(rotated, 0, 2, 1, 3), moved),
                                    o.transpose(o.unary("Neg", rotated), 0, 2, 1, 3));
                        },
                        "RotaryEmbedding",
                        "RotaryEmbedding",
                        "Transpose",
                        "Transpose",
                        "MatMul",
                        "Neg",
                        "Transpose",
                        "MatMul"),
                stock(
                        "a product that is needed alone is not computed with the sum",
                        List.of(sh(3, 4), sh(4, 5), sh(3, 5)),
                        (o, x) -> {
                            Value product = o.gemm(x.get(0), false, x.get(1), false, 1);
                            return o.mul(product, o.add(x.get(2), product));
                        },
                        "Gemm",
                        "Add",
                        "Mul"),
                stock(
                        "axes that are not the last two stay",
                        stacks(),
                        (o, x) ->
                                o.matMul(o.transpose(x.get(0), 1, 0, 2, 3), o.swap(o.transpose(x.get(1), 1, 0, 2, 3))),
                        "Transpose",
                        "Transpose",
                        "FusedMatMul"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void computesTheSame(Case one) throws Exception {
        Graph graph = new Graph();
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < one.shapes().size(); i++) {
            inputs.add(graph.input(
                    "x" + i, TensorType.of(ElementType.FLOAT, one.shapes().get(i))));
        }
        List<Value> results = one.formula().of(new Ops(graph), inputs);
        List<Value> outputs = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            outputs.add(graph.named("y" + i, results.get(i)));
        }
        ModelProto fused = Fusion.of(graph, outputs, one.kernels()).model("fused", inputs, outputs);
        assertThat(operators(fused)).containsExactlyElementsOf(one.operators());
        List<float[]> expected = run(graph.model("plain", inputs, outputs), inputs);
        List<float[]> found = run(fused, inputs);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i)).containsExactly(expected.get(i), within(1e-6f));
        }
    }

    private static Value masked(Ops ops) {
        float lowest = -Float.MAX_VALUE;
        float[] mask = {0, -1e4f, lowest, 0, 0, 0, lowest, lowest, lowest};
        return ops.graph().constant(Tensor.ofFloats(mask, 1, 3, 3));
    }

    /** How a product's axes are moved tells which operand was turned. */
    @Test
    void theWiderOperandIsNotTurnedForAProductThatIsMovedAnyway() {
        Map<List<Integer>, List<Long>> moves = new LinkedHashMap<>();
        for (int right : List.of(2, 4, 5)) {
            for (int uses : List.of(1, 2)) {
                moves.put(List.of(right, uses), perm(right, true, uses));
            }
            moves.put(List.of(right, 0), perm(right, false, 1));
        }
        List<Long> turned = List.of(0L, 3L, 1L, 2L);
        assertThat(moves.remove(List.of(2, 1))).isEqualTo(turned);
        assertThat(moves.values()).containsOnly(List.of(0L, 2L, 1L, 3L));
        assertThat(perm(-5, true, 1)).isEqualTo(turned);
    }

    /** [2, 2, 5, 4], turned or not, times [2, 2, 5 or 4, right], turned if negative, with the heads' axis moved behind. */
    private static List<Long> perm(int right, boolean turnsLeft, int uses) {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value a = graph.input("a", TensorType.of(ElementType.FLOAT, 2, 2, 5, 4));
        int inner = turnsLeft ? 5 : 4;
        Value b = right > 0
                ? graph.input("b", TensorType.of(ElementType.FLOAT, 2, 2, inner, right))
                : ops.swap(graph.input("b", TensorType.of(ElementType.FLOAT, 2, 2, -right, inner)));
        Value product = ops.matMul(turnsLeft ? ops.swap(a) : a, b);
        Value moved = ops.transpose(product, 0, 2, 1, 3);
        List<Value> outputs = new ArrayList<>(List.of(graph.named("y", moved)));
        if (uses > 1) {
            outputs.add(graph.named("z", ops.unary("Neg", product)));
        }
        return Fusion.of(graph, outputs, Kernels.STOCK).calls().stream()
                .filter(call -> call.op().equals("Transpose"))
                .map(call -> call.attributes().findIntegers("perm").orElseThrow())
                .map(perm -> Arrays.stream(perm).boxed().toList())
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    @Test
    void aProductThatIsAnOutputIsNotComputedWithTheSumAgain() {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 3, 3));
        Value product = graph.callNamed("product", "", "Gemm", List.of(x, x));
        Value sum = graph.named("sum", ops.add(product, x));
        List<Value> outputs = List.of(product, sum);
        assertThat(operators(Fusion.of(graph, outputs, Kernels.STOCK).model("m", List.of(x), outputs)))
                .containsExactly("Gemm", "Add");
    }

    @Test
    void masksLeaveNormalNumbers() throws Exception {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        List<Value> inputs = List.of(graph.input("x", TensorType.of(ElementType.FLOAT, 1, 3, 3)));
        Value weights = graph.call("Softmax", LAST, ops.add(inputs.get(0), masked(ops)));
        List<Value> outputs = List.of(graph.named("y", weights));
        ModelProto fused = Fusion.of(graph, outputs, Kernels.STOCK).model("fused", inputs, outputs);
        for (float weight : run(fused, inputs).get(0)) {
            assertThat(weight).isGreaterThan(1e-18f);
        }
    }

    @Test
    void float64IsLeftAlone() {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(ElementType.DOUBLE, 2, 3, 4));
        Value y = graph.named("y", ops.scale(ops.matMul(x, ops.swap(x)), 2));
        ModelProto fused = Fusion.of(graph, List.of(y), Kernels.TRAINING).model("m", List.of(x), List.of(y));
        assertThat(operators(fused)).containsExactly("Transpose", "MatMul", "Mul");
    }

    /** A copy is left where something has two names, or is an output, an input or a weight itself. */
    @Test
    void outputsAreComputedUnderTheirNames() throws Exception {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 2, 3));
        Value product = ops.mul(x, x);
        Value first = graph.named("first", product);
        Value again = graph.named("again", product);
        Value copy = graph.named("copy", first);
        Value fed = graph.named("fed", x);
        Value used = graph.named("used", ops.add(product, x));
        List<Value> outputs = List.of(first, again, copy, fed, used);
        ModelProto fused = Fusion.of(graph, outputs, Kernels.STOCK).model("m", List.of(x), outputs);
        assertThat(fused.getGraph().getNodeList())
                .extracting(node -> node.getOpType() + " " + node.getOutput(0))
                .containsExactly("Mul first", "Identity again", "Identity copy", "Identity fed", "Add used");
        List<float[]> found = run(fused, List.of(x));
        List<float[]> expected = run(graph.model("plain", List.of(x), outputs), List.of(x));
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i)).containsExactly(expected.get(i));
        }
    }

    @Test
    void namesOfWeightsAndOutputsStay() {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 2, 3, 4));
        Value w = graph.weight("w", Tensor.ofFloats(TinyDecoder.uniform(1, 1, 20), 4, 5));
        Value y = graph.callNamed("out", Node.MICROSOFT, "QuickGelu", List.of(ops.matMul(x, w)));
        ModelProto fused = Fusion.of(graph, List.of(y), Kernels.STOCK).model("m", List.of(x), List.of(y));
        assertThat(fused.getGraph().getInitializerList())
                .anyMatch(tensor -> tensor.getName().equals("w"));
        assertThat(fused.getGraph().getOutput(0).getName()).isEqualTo("out");
        assertThat(fused.getGraph().getNodeList())
                .anyMatch(node -> node.getOutputList().contains("out"));
    }

    /** Positions 0 to 5 of both texts; tables of cosines and sines, or what stands for them. */
    private static Value rotated(Ops ops, Value x, List<Value> given) {
        Value positions = ops.graph().constant(Tensor.ofLongs(new long[] {0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}, 2, 6));
        return ops.graph()
                .callAll(
                        Node.MICROSOFT,
                        "RotaryEmbedding",
                        Attributes.none(),
                        List.of(x, positions, given.get(2), given.get(3)))
                .get(0);
    }

    private static List<Value> gradient(Ops ops, List<Value> x, Value y) {
        Value loss = ops.total(ops.mul(y, x.get(1)));
        return List.of(
                y, Backward.gradients(ops.graph(), loss, List.of(x.get(0))).get(0));
    }

    private static List<String> operators(ModelProto model) {
        return model.getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .filter(op -> !op.equals("Identity"))
                .toList();
    }

    private static List<float[]> run(ModelProto model, List<Value> inputs) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> fed = new LinkedHashMap<>();
        List<float[]> results = new ArrayList<>();
        try (OrtSession session = environment.createSession(model.toByteArray())) {
            for (Value input : inputs) {
                float[] values = TinyDecoder.uniform(fed.size() + 1, 1, (int) input.count());
                fed.put(input.name(), OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), input.shape()));
            }
            try (OrtSession.Result result = session.run(fed)) {
                for (int i = 0; i < result.size(); i++) {
                    FloatBuffer buffer = ((OnnxTensor) result.get(i)).getFloatBuffer();
                    float[] values = new float[buffer.remaining()];
                    buffer.get(values);
                    results.add(values);
                }
            }
        } finally {
            fed.values().forEach(OnnxTensor::close);
        }
        return results;
    }

    @FunctionalInterface
    private interface Single {
        Value of(Ops ops, List<Value> x);
    }

    private static Case stock(String name, List<long[]> shapes, Single formula, String... operators) {
        return new Case(name, Kernels.STOCK, shapes, (o, x) -> List.of(formula.of(o, x)), List.of(operators));
    }

    private static Case training(String name, List<long[]> shapes, Formula formula, String... operators) {
        return new Case(name, Kernels.TRAINING, shapes, formula, List.of(operators));
    }

    private static List<long[]> stacks() {
        return List.of(sh(2, 2, 3, 4), sh(2, 2, 3, 4));
    }

    private static long[] sh(long... shape) {
        return shape;
    }
}
