package dev.coppice.adapters.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import com.google.protobuf.ByteString;
import dev.coppice.adapters.autodiff.Backward;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models with small weights as quantizers write them: ONNX Runtime runs the model as it is, our graph of it in float32
 * with small weights, and our graph in float64 with weights that Java dequantised. All three must agree, and so must the
 * gradients of both graphs.
 */
class QuantizedWeightsTest {
    private static final int ROWS = 5;

    /** y = x W, W from these tensors; x is [5, in]. */
    record Case(String name, int in, List<TensorProto> stored, List<NodeProto> nodes) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                nBits("4 bits", 4, 64, 24, 32, "packed"),
                nBits("4 bits, an odd number of blocks and a part of one", 4, 100, 24, 16, "packed"),
                nBits("4 bits in the middle", 4, 64, 24, 32, "none"),
                nBits("4 bits with fractions as zero points", 4, 64, 24, 32, "floats"),
                nBits("8 bits", 8, 96, 10, 32, "packed"),
                nBits("8 bits in the middle", 8, 100, 10, 64, "none"),
                linear("one scale for all", ElementType.INT8, 1, 0),
                linear("a scale a column", ElementType.INT8, 12, 1),
                linear("a scale a row", ElementType.UINT8, 32, 0),
                blocked("blocks of signed 4 bits", ElementType.INT4, 0),
                blocked("blocks of 4 bits", ElementType.UINT4, 1),
                blocked("blocks of 8 bits", ElementType.INT8, 0));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void graphsComputeWhatTheModelComputes(Case model) throws Exception {
        double[] x = draw(1, ROWS * model.in());
        double[] expected =
                runFloat(proto(model), OptLevel.NO_OPT, x, ROWS, model.in())[0]; // else activations are rounded, too
        double[][] small = runFloat(graph(model, ElementType.FLOAT), OptLevel.ALL_OPT, x, ROWS, model.in());
        double[][] checked = runDouble(graph(model, ElementType.DOUBLE), x, ROWS, model.in());
        assertClose(small[0], expected, 1e-4);
        assertClose(checked[0], expected, 1e-4);
        assertClose(small[1], checked[1], 1e-4);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void weightsStaySmallInTheGraph(Case model) {
        long floats = graph(model, ElementType.FLOAT).getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getDataType() == ElementType.FLOAT.code())
                .mapToLong(tensor -> tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b))
                .sum();
        long weights = model.stored().get(0).getRawData().size();
        assertThat(floats).isLessThan(weights / 2 + 64);
    }

    @Test
    void aHookSeesProductsWithSmallWeights() {
        List<String> seen = new ArrayList<>();
        ProductHook hook = (graph, weight, transposed, x, y) -> {
            seen.add(weight + (transposed ? " out first" : " in first") + " " + x.size(-1) + " to " + y.size(-1));
            return y;
        };
        graph(nBits("", 4, 64, 24, 32, "packed"), ElementType.FLOAT, hook);
        graph(linear("", ElementType.INT8, 12, 1), ElementType.FLOAT, hook);
        graph(blocked("", ElementType.INT4, 0), ElementType.FLOAT, hook);
        assertThat(seen).containsExactly("w out first 64 to 24", "w in first 32 to 12", "w in first 32 to 32");
    }

    @Test
    void corruptParametersAreRefusedBeforeNativeCodeSeesThem() {
        Case good = nBits("", 4, 64, 24, 32, "packed");
        assertRefused(changed(good, 0, tensor("w", ElementType.UINT8, new byte[24 * 2 * 15], 24, 2, 15)), "bytes here");
        assertRefused(changed(good, 1, floats("s", new float[47], 47)), "expected 48 scales");
        float[] scales = ones(48);
        scales[7] = Float.NaN;
        assertRefused(changed(good, 1, floats("s", scales, 48)), "not finite");
        scales[7] = 0;
        assertRefused(changed(good, 1, floats("s", scales, 48)), "a scale is 0");
        assertRefused(changed(good, 2, tensor("z", ElementType.UINT8, new byte[23], 23)), "zero points");
        float[] far = ones(48);
        far[3] = 16;
        assertRefused(changed(good, 2, floats("z", far, 48)), "out of range");
        Case bits = nBits("", 4, 64, 24, 32, "none", "bits", 5);
        assertRefused(bits, "5 bits");
        assertRefused(nBits("", 4, 64, 24, 32, "none", "block_size", 24), "blocks have 16, 32");
        assertRefused(nBits("", 4, 64, 24, 32, "none", "N", -1), "N is -1");
        Case reordered = new Case(
                "",
                64,
                Stream.concat(good.stored().stream(), Stream.of(tensor("g", ElementType.INT32, new byte[64 * 4], 64)))
                        .toList(),
                List.of(good.nodes().get(0).toBuilder().addInput("g").build()));
        assertRefused(reordered, "act_order");

        Case linear = linear("", ElementType.INT8, 12, 1);
        assertRefused(changed(linear, 1, floats("s", ones(11), 11)), "scales of another shape");
        float[] zero = ones(12);
        zero[2] = 0;
        assertRefused(changed(linear, 1, floats("s", zero, 12)), "a scale is 0");
        assertRefused(changed(linear, 2, tensor("z", ElementType.UINT8, new byte[12], 12)), "weights' type");
    }

    @Test
    void roundedActivationsAreRefusedWithWhatWouldHelp() {
        NodeProto rounds = NodeProto.newBuilder()
                .setOpType("DynamicQuantizeLinear")
                .addInput("x")
                .addAllOutput(List.of("q", "s", "z"))
                .build();
        assertRefused(new Case("", 4, List.of(), List.of(rounds)), "quantise weights only");
        NodeProto computed = node("", "DequantizeLinear", List.of("x", "x"), List.of());
        assertRefused(new Case("", 4, List.of(), List.of(computed)), "quantise weights only");
    }

    private static void assertRefused(Case model, String reason) {
        assertThatThrownBy(() -> graph(model, ElementType.FLOAT))
                .isInstanceOf(GraphRefusedException.class)
                .hasMessageContaining(reason);
    }

    private static Case changed(Case model, int tensor, TensorProto replaced) {
        List<TensorProto> stored = new ArrayList<>(model.stored());
        stored.set(tensor, replaced);
        return new Case(model.name(), model.in(), stored, model.nodes());
    }

    private static Case nBits(String name, int bits, int in, int out, int block, String zeroPoints) {
        return nBits(name, bits, in, out, block, zeroPoints, "", 0);
    }

    private static Case nBits(
            String name, int bits, int in, int out, int block, String zeros, String wrong, long wrongly) {
        int blocks = (in + block - 1) / block;
        List<TensorProto> stored = new ArrayList<>(List.of(
                tensor(
                        "w",
                        ElementType.UINT8,
                        bytes(2, out * blocks * block * bits / 8),
                        out,
                        blocks,
                        block * bits / 8),
                floats("s", scales(out * blocks), (long) out * blocks)));
        int perRow = (blocks * bits + 7) / 8;
        List<String> inputs = new ArrayList<>(List.of("x", "w", "s"));
        if (!zeros.equals("none")) {
            inputs.add("z");
            stored.add(
                    zeros.equals("packed")
                            ? tensor("z", ElementType.UINT8, bytes(3, out * perRow), (long) out * perRow)
                            : floats("z", fractions(out * blocks), (long) out * blocks));
        }
        List<AttributeProto> attributes = Stream.of(
                        integer("K", in), integer("N", out), integer("bits", bits), integer("block_size", block))
                .map(one -> one.getName().equals(wrong) ? integer(wrong, wrongly) : one)
                .toList();
        return new Case(name, in, stored, List.of(node("com.microsoft", "MatMulNBits", inputs, attributes)));
    }

    private static Case linear(String name, ElementType type, int scales, int axis) {
        List<TensorProto> stored = List.of(
                tensor("w", type, bytes(2, 32 * 12), 32, 12),
                floats("s", scales(scales), scales == 1 ? new long[0] : new long[] {scales}),
                tensor("z", type, bytes(3, scales), scales == 1 ? new long[0] : new long[] {scales}));
        return new Case(name, 32, stored, product(List.of(integer("axis", axis))));
    }

    private static Case blocked(String name, ElementType type, int axis) {
        long[] shape = axis == 0 ? new long[] {2, 32} : new long[] {32, 2};
        List<TensorProto> stored = List.of(
                tensor("w", type, bytes(2, (int) type.bytes(32 * 32)), 32, 32),
                floats("s", scales(64), shape),
                tensor("z", type, bytes(3, (int) type.bytes(64)), shape));
        return new Case(name, 32, stored, product(List.of(integer("axis", axis), integer("block_size", 16))));
    }

    private static List<NodeProto> product(List<AttributeProto> attributes) {
        return List.of(
                node("", "DequantizeLinear", List.of("w", "s", "z"), attributes).toBuilder()
                        .setOutput(0, "float")
                        .build(),
                node("", "MatMul", List.of("x", "float"), List.of()));
    }

    private static ModelProto proto(Case model) {
        return ModelProto.newBuilder()
                .setIrVersion(10)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(21))
                .addOpsetImport(OperatorSetIdProto.newBuilder()
                        .setDomain("com.microsoft")
                        .setVersion(1))
                .setGraph(GraphProto.newBuilder()
                        .setName("g")
                        .addInput(Protos.info("x", ElementType.FLOAT, List.of(Dim.fixed(ROWS), Dim.fixed(model.in()))))
                        .addOutput(Protos.info("y", ElementType.FLOAT, List.of(Dim.free("rows"), Dim.free("out"))))
                        .addAllInitializer(model.stored())
                        .addAllNode(model.nodes()))
                .build();
    }

    private static ModelProto graph(Case model, ElementType real) {
        return graph(model, real, ProductHook.NONE);
    }

    /** The product, and the gradient of the sum of its squares. */
    private static ModelProto graph(Case model, ElementType real, ProductHook hook) {
        Graph graph = new Graph();
        Ops ops = new Ops(graph);
        Value x = graph.input("x", TensorType.of(real, ROWS, model.in()));
        Map<String, Value> values =
                new Specializer(StoredModel.of(proto(model)), graph, real, hook).run(Map.of("x", x));
        Value y = Objects.requireNonNull(values.get("y"));
        Value loss = ops.total(ops.mul(y, y));
        Value gradient = Backward.gradients(graph, loss, List.of(x)).get(0);
        return graph.model("g", List.of(x), List.of(graph.named("product", y), graph.named("gradient", gradient)));
    }

    private static double[][] runFloat(ModelProto model, OptLevel level, double[] x, long... shape)
            throws OrtException {
        float[] floats = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            floats[i] = (float) x[i];
        }
        try (OnnxTensor tensor =
                OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(floats), shape)) {
            return run(model, level, tensor);
        }
    }

    private static double[][] runDouble(ModelProto model, double[] x, long... shape) throws OrtException {
        try (OnnxTensor tensor =
                OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), DoubleBuffer.wrap(x), shape)) {
            return run(model, OptLevel.ALL_OPT, tensor);
        }
    }

    private static double[][] run(ModelProto model, OptLevel level, OnnxTensor x) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(level);
            try (OrtSession session = environment.createSession(model.toByteArray(), options);
                    OrtSession.Result result = session.run(Map.of("x", x))) {
                return outputs(result);
            }
        }
    }

    private static double[][] outputs(OrtSession.Result result) {
        double[][] outputs = new double[result.size()][];
        for (int i = 0; i < outputs.length; i++) {
            OnnxTensor output = (OnnxTensor) result.get(i);
            FloatBuffer floats = output.getFloatBuffer();
            DoubleBuffer doubles = output.getDoubleBuffer();
            outputs[i] = new double[floats != null ? floats.remaining() : doubles.remaining()];
            for (int k = 0; k < outputs[i].length; k++) {
                outputs[i][k] = floats != null ? floats.get(k) : doubles.get(k);
            }
        }
        return outputs;
    }

    private static void assertClose(double[] actual, double[] expected, double relative) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(relative * largest));
        }
    }

    private static NodeProto node(String domain, String op, List<String> inputs, List<AttributeProto> attributes) {
        return NodeProto.newBuilder()
                .setDomain(domain)
                .setOpType(op)
                .addAllInput(inputs)
                .addOutput("y")
                .addAllAttribute(attributes)
                .build();
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    private static TensorProto tensor(String name, ElementType type, byte[] raw, long... shape) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(type.code()).setRawData(ByteString.copyFrom(raw));
        for (long size : shape) {
            tensor.addDims(size);
        }
        return tensor.build();
    }

    private static TensorProto floats(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return tensor(name, ElementType.FLOAT, raw.array(), shape);
    }

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private static float[] scales(int count) {
        float[] scales = new float[count];
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < count; i++) {
            scales[i] = (float) random.nextDouble(0.01, 0.1);
        }
        return scales;
    }

    private static float[] fractions(int count) {
        float[] fractions = scales(count);
        for (int i = 0; i < count; i++) {
            fractions[i] = 5 + 30 * fractions[i];
        }
        return fractions;
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double[] draw(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles(count, -1, 1).toArray();
    }
}
