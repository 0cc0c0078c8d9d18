package dev.coppice.adapters.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule against finite differences in float64, each operator alone. */
class RulesTest {
    private static final double TOLERANCE = 1e-6;
    private static final Attributes NONE = Attributes.none();
    /** The engine has no float64 kernel for these: they have tests of their own below. */
    private static final Set<String> WITHOUT_FLOAT64 =
            Set.of("Erf", "MatMulNBits", "RotaryEmbedding", "SimplifiedLayerNormalization");

    /** Operands and what is computed from them. */
    record Case(String op, String detail, List<long[]> shapes, double from, double to, Formula formula) {
        @Override
        public String toString() {
            return op + " " + detail;
        }
    }

    @FunctionalInterface
    interface Formula {
        Value of(Ops ops, List<Value> operands);
    }

    static Stream<Case> cases() {
        return Stream.of(
                binary("Add", "equal shapes", sh(2, 3), sh(2, 3)),
                binary("Add", "both broadcast", sh(2, 1, 3), sh(4, 1)),
                binary("Sub", "row from matrix", sh(4, 3), sh(3)),
                binary("Mul", "number by matrix", sh(), sh(2, 3)),
                binary("Mul", "column by row", sh(4, 1), sh(1, 3)),
                binary("Div", "matrix by column", sh(2, 3), sh(2, 1)),
                unary("Neg"),
                unary("Sqrt"),
                unary("Reciprocal"),
                unary("Exp"),
                unary("Log"),
                unary("Tanh"),
                unary("Sigmoid"),
                unary("Softplus"),
                bothSides("Relu", NONE),
                bothSides("LeakyRelu", NONE.real("alpha", 0.2f)),
                bothSides("Elu", NONE.real("alpha", 0.7f)),
                bothSides("Abs", NONE),
                flat("Floor"),
                flat("Ceil"),
                flat("Round"),
                flat("Sign"),
                unary("Identity"),
                one("Clip", "on both sides", sh(3, 4), (o, x) -> clip(o, x, o.number(x, 0.7), o.number(x, 1.4))),
                one("Clip", "from below", sh(3, 4), (o, x) -> clip(o, x, o.number(x, 0.9))),
                binary("Max", "row and matrix", sh(4, 3), sh(3)),
                binary("Min", "column and row", sh(4, 1), sh(1, 3)),
                one("ReduceMax", "one axis", sh(3, 4), (o, x) -> reduce(o, "ReduceMax", x, 1, 0)),
                one("ReduceMin", "kept", sh(3, 4), (o, x) -> reduce(o, "ReduceMin", x, 0, 1)),
                one("Pow", "squared", sh(2, 3), (o, x) -> o.graph().call("Pow", NONE, x, o.number(x, 2))),
                one("Pow", "to 2.5", sh(2, 3), (o, x) -> o.graph().call("Pow", NONE, x, o.number(x, 2.5))),
                one("Cast", "there and back", sh(3), (o, x) -> o.mul(o.cast(x, ElementType.DOUBLE), x)),
                of("Where", "both sides broadcast", List.of(sh(2, 3), sh(3)), RulesTest::chosen),
                binary("MatMul", "matrices", sh(2, 3), sh(3, 4)),
                binary("MatMul", "rows by one matrix", sh(2, 3, 4), sh(4, 5)),
                binary("MatMul", "stacks", sh(2, 3, 4, 5), sh(2, 3, 5, 2)),
                binary("MatMul", "stacks that broadcast", sh(2, 1, 4, 5), sh(3, 5, 2)),
                gemm(false, false),
                gemm(false, true),
                gemm(true, false),
                gemm(true, true),
                one("Reshape", "", sh(2, 6), (o, x) -> o.reshape(x, 3, 4)),
                one("Flatten", "", sh(2, 3, 2), (o, x) -> o.graph().call("Flatten", NONE, x)),
                one("Unsqueeze", "", sh(2, 3), (o, x) -> o.graph().call("Unsqueeze", NONE, x, o.integers(0, 2))),
                one("Squeeze", "", sh(2, 1, 3), (o, x) -> o.graph().call("Squeeze", NONE, x, o.integers(1))),
                one("Expand", "", sh(3, 1), (o, x) -> o.expand(x, 2, 3, 4)),
                one("Transpose", "given", sh(2, 3, 4), (o, x) -> o.transpose(x, 1, 2, 0)),
                one("Transpose", "reversed", sh(2, 3, 4), (o, x) -> o.graph().call("Transpose", NONE, x)),
                of(
                        "Concat",
                        "",
                        List.of(sh(2, 3), sh(2, 1), sh(2, 2)),
                        (o, x) -> o.graph().call("Concat", NONE.integer("axis", -1), x.toArray(Value[]::new))),
                one("Split", "one part unused", sh(2, 6), RulesTest::split),
                one(
                        "Slice",
                        "two axes",
                        sh(4, 5),
                        (o, x) -> o.graph()
                                .call("Slice", NONE, x, o.integers(1, 0), o.integers(-1, 3), o.integers(0, 1))),
                one(
                        "Gather",
                        "repeated rows",
                        sh(4, 3),
                        (o, x) -> gather(o, x, 0, Tensor.ofLongs(new long[] {1, 3, 1, 1}, 2, 2))),
                one("Gather", "one column", sh(4, 3), (o, x) -> gather(o, x, 1, Tensor.ofLongs(new long[] {2}))),
                one(
                        "Gather",
                        "middle axis",
                        sh(2, 4, 3),
                        (o, x) -> gather(o, x, 1, Tensor.ofLongs(new long[] {0, 3, 3, 1}, 2, 2))),
                one("GatherElements", "one a row", sh(4, 3), RulesTest::picked),
                one(
                        "TopK",
                        "two of each column",
                        sh(4, 3),
                        (o, x) -> o.graph().call("TopK", NONE.integer("axis", 0), x, o.integers(2))),
                one("GatherND", "a pair twice", sh(3, 4), (o, x) -> o.graph().call("GatherND", NONE, x, pairs(o))),
                of("ScatterND", "replacing", List.of(sh(3, 4), sh(2)), (o, x) -> scatter(o, x, "none")),
                of("ScatterND", "adding", List.of(sh(3, 4), sh(2)), (o, x) -> scatter(o, x, "add")),
                one(
                        "Pad",
                        "zeros around and a row cut off",
                        sh(3, 4),
                        (o, x) -> o.graph().call("Pad", NONE, x, o.integers(2, 0, -1, 1))),
                one("Tile", "", sh(2, 3), (o, x) -> o.graph().call("Tile", NONE, x, o.integers(3, 2))),
                one("Trilu", "upper", sh(3, 4), (o, x) -> o.graph().call("Trilu", NONE, x)),
                one("Trilu", "below the diagonal", sh(2, 4, 3), RulesTest::below),
                one("CumSum", "forward", sh(2, 4), (o, x) -> runningSum(o, x, NONE)),
                one("CumSum", "back", sh(2, 4), (o, x) -> runningSum(o, x, NONE.integer("reverse", 1))),
                one("CumSum", "before", sh(2, 4), (o, x) -> runningSum(o, x, NONE.integer("exclusive", 1))),
                one("ReduceSum", "last kept", sh(2, 3), (o, x) -> o.sum(x, -1)),
                one("ReduceSum", "all", sh(2, 3), (o, x) -> o.total(x)),
                one("ReduceMean", "last two", sh(2, 3, 4), (o, x) -> o.mean(x, -2, -1)),
                one(
                        "ReduceMean",
                        "dropped",
                        sh(2, 3, 4),
                        (o, x) -> o.graph().call("ReduceMean", NONE.integer("keepdims", 0), x, o.integers(1))),
                one("Softmax", "last", sh(3, 4), (o, x) -> o.graph().call("Softmax", NONE.integer("axis", -1), x)),
                one("Softmax", "first", sh(3, 4), (o, x) -> o.graph().call("Softmax", NONE.integer("axis", 0), x)),
                one("LogSoftmax", "", sh(3, 4), RulesTest::logSoftmax),
                one("LogSoftmax", "one place of each row", sh(4, 3), (o, x) -> picked(o, logSoftmax(o, x))),
                one(
                        "LogSoftmax",
                        "two places of each row, one of them twice",
                        sh(2, 3),
                        (o, x) -> o.graph()
                                .call(
                                        "GatherElements",
                                        NONE.integer("axis", 1),
                                        logSoftmax(o, x),
                                        o.graph().constant(Tensor.ofLongs(new long[] {2, 0, 1, 1}, 2, 2)))),
                of("LayerNormalization", "without shift", List.of(sh(2, 3, 5), sh(5)), (o, x) -> layerNorm(o, x)),
                of("LayerNormalization", "with shift", List.of(sh(2, 3, 5), sh(5), sh(5)), (o, x) -> layerNorm(o, x)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithFiniteDifferences(Case tried) throws Exception {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        List<Value> operands = new ArrayList<>();
        for (long[] shape : tried.shapes()) {
            operands.add(graph.input("x" + operands.size(), TensorType.of(ElementType.DOUBLE, shape)));
        }
        Value y = tried.formula().of(ops, operands);
        Value weights = weights(graph, y);
        Value loss = graph.named("loss", ops.total(ops.mul(y, weights)));
        assertCorrect(graph, loss, operands, Backward.gradients(graph, loss, operands), tried.from(), tried.to());
    }

    /** The forward pass is written out; the rule is asked as if it had been one call. */
    @Test
    void simplifiedLayerNormalizationAgreesWithFiniteDifferences() throws Exception {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x0", TensorType.of(ElementType.DOUBLE, 2, 3, 5));
        Value scale = graph.input("x1", TensorType.of(ElementType.DOUBLE, 5));
        Value root = ops.unary("Sqrt", ops.add(ops.mean(ops.mul(x, x), -1), ops.number(x, 1e-3f)));
        Value y = ops.mul(ops.div(x, root), scale);
        Value weights = weights(graph, y);
        Value loss = graph.named("loss", ops.total(ops.mul(y, weights)));
        Attributes attributes = NONE.integer("axis", -1).real("epsilon", 1e-3f);
        Call call = new Call("", "SimplifiedLayerNormalization", attributes, List.of(x, scale), List.of(y));
        Step step = new Step(ops, call, List.of(weights));
        List<Value> gradients =
                List.of(Rules.of(call).gradient(step, 0), Rules.of(call).gradient(step, 1));
        assertCorrect(graph, loss, List.of(x, scale), gradients, 0.3, 1.9);
    }

    /** The transpose of the rotation is tested as what it is: the sum of (R x) w is that of x (R' w). */
    @Test
    void rotaryEmbeddingIsTakenBackByItsTranspose() throws Exception {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 2, 2, 3, 4));
        Value cos = graph.constant(Tensor.ofFloats(TinyDecoder.uniform(1, 1, 6), 3, 2));
        Value sin = graph.constant(Tensor.ofFloats(TinyDecoder.uniform(2, 1, 6), 3, 2));
        List<Value> inputs = List.of(x, ops.integers(0), cos, sin);
        Value y = graph.callAll(Node.MICROSOFT, "RotaryEmbedding", NONE, inputs).get(0);
        Value w = graph.constant(Tensor.ofFloats(TinyDecoder.uniform(3, 1, 48), 2, 2, 3, 4));
        Value loss = ops.total(ops.mul(y, w));
        Value back =
                ops.total(ops.mul(Backward.gradients(graph, loss, List.of(x)).get(0), x));
        List<Value> outputs = List.of(graph.named("forward", loss), graph.named("back", back));
        float[] results = run(graph.model("check", List.of(x), outputs), TinyDecoder.uniform(4, 1, 48), x.shape());
        assertThat(results[0]).isNotZero().isCloseTo(results[1], within(1e-5f));
    }

    /** The forward pass is Simpson's rule for 2 x / sqrt(pi) times the integral of exp(-x^2 t^2) for t from 0 to 1. */
    @Test
    void erfAgreesWithFiniteDifferences() throws Exception {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x0", TensorType.of(ElementType.DOUBLE, 6, 1));
        int steps = 400;
        double[] minusSquares = new double[steps + 1];
        double[] simpson = new double[steps + 1];
        for (int i = 0; i <= steps; i++) {
            minusSquares[i] = -(double) i * i / steps / steps;
            simpson[i] = (i == 0 || i == steps ? 1 : 2 + 2 * (i % 2)) / 3.0 / steps * 2 / Math.sqrt(Math.PI);
        }
        Value exponents = ops.matMul(ops.mul(x, x), graph.constant(Tensor.ofDoubles(minusSquares, 1, steps + 1)));
        Value weighed =
                ops.matMul(ops.unary("Exp", exponents), graph.constant(Tensor.ofDoubles(simpson, steps + 1, 1)));
        Value y = ops.mul(x, weighed);
        Value weights = weights(graph, y);
        Value loss = graph.named("loss", ops.total(ops.mul(y, weights)));
        Call call = new Call("", "Erf", NONE, List.of(x), List.of(y));
        Value gradient = Rules.of(call).gradient(new Step(ops, call, List.of(weights)), 0);
        assertCorrect(graph, loss, List.of(x), List.of(gradient), -1.9, 1.9);
    }

    /** Outputs of one number each. */
    private static float[] run(ModelProto model, float[] x, long... shape) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[] results = new float[model.getGraph().getOutputCount()];
        try (OrtSession session = environment.createSession(model.toByteArray());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
                OrtSession.Result result = session.run(Map.of("x", tensor))) {
            for (int i = 0; i < results.length; i++) {
                results[i] = ((OnnxTensor) result.get(i)).getFloatBuffer().get(0);
            }
        }
        return results;
    }

    private static Value weights(Graph graph, Value y) {
        return graph.constant(Tensor.ofDoubles(numbers(99, (int) y.count(), -1, 1), y.shape()));
    }

    private static void assertCorrect(
            Graph graph, Value loss, List<Value> operands, List<Value> gradients, double from, double to)
            throws Exception {
        List<Value> outputs = new ArrayList<>(List.of(loss));
        for (int i = 0; i < operands.size(); i++) {
            assertThat(gradients.get(i).type()).isEqualTo(operands.get(i).type());
            outputs.add(graph.named("g" + i, gradients.get(i)));
        }
        try (NumericalGradient check = new NumericalGradient(graph.model("check", operands, outputs))) {
            for (int i = 0; i < operands.size(); i++) {
                check.feed(operands.get(i), numbers(i + 1, (int) operands.get(i).count(), from, to));
            }
            assertThat(check.worstError(Integer.MAX_VALUE, 1e-2)).isLessThan(TOLERANCE);
        }
    }

    @Test
    void everyRuleIsTried() {
        Set<String> tried = new TreeSet<>(WITHOUT_FLOAT64);
        cases().forEach(one -> tried.add(one.op()));
        assertThat(tried).isEqualTo(new TreeSet<>(Rules.operators()));
    }

    @Test
    void anOperatorWithoutARuleIsNamedInTheRefusal() {
        Graph graph = new Graph();
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 3));
        Value loss = new Ops(graph).total(graph.call("ReduceProd", NONE, x));
        assertThatThrownBy(() -> Backward.gradients(graph, loss, List.of(x)))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("ReduceProd");
    }

    @Test
    void aValueWithoutInfluenceIsRefused() {
        Graph graph = new Graph();
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 3));
        Value other = graph.input("other", TensorType.of(ElementType.FLOAT, 3));
        Value loss = new Ops(graph).total(x);
        assertThatThrownBy(() -> Backward.gradients(graph, loss, List.of(x, other)))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining("other");
    }

    @Test
    void gradientsOfWhatIsNotTrainedAreNotComputed() {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(ElementType.FLOAT, 2, 3));
        Value frozen = graph.input("frozen", TensorType.of(ElementType.FLOAT, 3, 4));
        Value loss = ops.total(ops.matMul(x, frozen));
        Backward.gradients(graph, loss, List.of(x));
        assertThat(graph.calls().stream().filter(call -> call.op().equals("Gemm")))
                .hasSize(1);
    }

    private static Case unary(String op) {
        return one(op, "", sh(2, 3), (o, x) -> o.unary(op, x));
    }

    /** Operands on both sides of 0. */
    private static Case bothSides(String op, Attributes attributes) {
        return new Case(
                op, "", List.of(sh(3, 4)), -1.9, 1.9, (o, x) -> o.graph().call(op, attributes, x.get(0)));
    }

    /** Times the operand, so that it has an influence at all. */
    private static Case flat(String op) {
        return new Case(op, "times x", List.of(sh(3, 4)), -1.9, 1.9, (o, x) -> o.mul(o.unary(op, x.get(0)), x.get(0)));
    }

    private static Case binary(String op, String detail, long[] a, long[] b) {
        return of(op, detail, List.of(a, b), (o, x) -> o.graph().call(op, NONE, x.get(0), x.get(1)));
    }

    private static Case gemm(boolean transA, boolean transB) {
        Attributes attributes = NONE.integer("transA", transA ? 1 : 0)
                .integer("transB", transB ? 1 : 0)
                .real("alpha", 0.5f)
                .real("beta", 2);
        return of(
                "Gemm",
                (transA ? "A' " : "A ") + (transB ? "B'" : "B"),
                List.of(transA ? sh(3, 2) : sh(2, 3), transB ? sh(4, 3) : sh(3, 4), sh(4)),
                (o, x) -> o.graph().call("Gemm", attributes, x.get(0), x.get(1), x.get(2)));
    }

    @FunctionalInterface
    interface OneFormula {
        Value of(Ops ops, Value x);
    }

    private static Case one(String op, String detail, long[] shape, OneFormula formula) {
        return of(op, detail, List.of(shape), (o, x) -> formula.of(o, x.get(0)));
    }

    /** Operands above 0, so that roots and logarithms exist. */
    private static Case of(String op, String detail, List<long[]> shapes, Formula formula) {
        return new Case(op, detail, shapes, 0.3, 1.9, formula);
    }

    private static Value chosen(Ops o, List<Value> x) {
        Value condition = o.graph().constant(Tensor.ofLongs(ElementType.BOOL, new long[] {1, 0}, 2, 1));
        return o.where(condition, x.get(0), x.get(1));
    }

    private static Value split(Ops o, Value x) {
        List<Value> parts = o.graph().callAll("", "Split", NONE.integer("axis", 1), List.of(x, o.integers(1, 2, 3)));
        return o.mul(parts.get(0), parts.get(1));
    }

    private static Value gather(Ops o, Value x, int axis, Tensor indices) {
        return o.graph().call("Gather", NONE.integer("axis", axis), x, o.graph().constant(indices));
    }

    private static Value logSoftmax(Ops o, Value x) {
        return o.graph().call("LogSoftmax", NONE.integer("axis", -1), x);
    }

    private static Value picked(Ops o, Value x) {
        Value which = o.graph().constant(Tensor.ofLongs(new long[] {2, 0, 0, 1}, 4, 1));
        return o.graph().call("GatherElements", NONE.integer("axis", 1), x, which);
    }

    private static Value clip(Ops o, Value x, Value... bounds) {
        List<Value> inputs = new ArrayList<>(List.of(x));
        inputs.addAll(List.of(bounds));
        return o.graph().callAll("", "Clip", NONE, inputs).get(0);
    }

    private static Value reduce(Ops o, String op, Value x, long axis, long keep) {
        return o.graph().call(op, NONE.integer("keepdims", keep), x, o.integers(axis));
    }

    /** Places (0, 1), (2, 3) and again (0, 1). */
    private static Value pairs(Ops o) {
        return o.graph().constant(Tensor.ofLongs(new long[] {0, 1, 2, 3, 0, 1}, 3, 2));
    }

    private static Value scatter(Ops o, List<Value> x, String reduction) {
        Value places = o.graph().constant(Tensor.ofLongs(new long[] {0, 1, 2, 3}, 2, 2));
        return o.graph().call("ScatterND", NONE.text("reduction", reduction), x.get(0), places, x.get(1));
    }

    private static Value below(Ops o, Value x) {
        Value diagonal = o.graph().constant(Tensor.scalar(ElementType.INT64, -1));
        return o.graph().call("Trilu", NONE.integer("upper", 0), x, diagonal);
    }

    private static Value runningSum(Ops o, Value x, Attributes attributes) {
        return o.graph().call("CumSum", attributes, x, o.graph().constant(Tensor.scalar(ElementType.INT64, 1)));
    }

    private static Value layerNorm(Ops o, List<Value> x) {
        return o.graph().call("LayerNormalization", NONE.integer("axis", -1), x.toArray(Value[]::new));
    }

    private static long[] sh(long... shape) {
        return shape;
    }

    private static double[] numbers(long seed, int count, double from, double to) {
        float[] uniform = TinyDecoder.uniform(seed, 1 / Math.sqrt(3), count);
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = from + (to - from) * (uniform[i] + 1) / 2;
        }
        return numbers;
    }
}
