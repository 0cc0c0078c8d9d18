package dev.coppice.adapters.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Packed;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import dev.coppice.adapters.runtime.InferenceSession;
import dev.coppice.adapters.runtime.NativeTensor;
import dev.coppice.adapters.runtime.SessionSettings;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelQuantizerTest {
    private static final int OUT = 7;
    private static final int IN = 40;

    @TempDir
    Path folder;

    static Stream<QuantizeSpec> specs() {
        return Stream.of(
                new QuantizeSpec(4, 16, false, false),
                new QuantizeSpec(4, 32, true, false),
                new QuantizeSpec(8, 32, false, false),
                new QuantizeSpec(8, 32, true, false));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void everyWeightIsRoundedToTheNearestOfItsGrid(QuantizeSpec spec) {
        float[] weights = weights();
        FloatMatrix matrix = new FloatMatrix(Tensor.ofFloats(weights, OUT, IN), false);
        boolean blocks = spec.bits() == 4;
        SmallMatrix small = blocks ? SmallMatrix.inBlocks(matrix, spec) : SmallMatrix.byOutput(matrix, spec);
        int perScale = blocks ? spec.block() : IN;
        int scalesPerRow = (IN + perScale - 1) / perScale;
        float[] scales = small.scales().toFloats();
        for (int row = 0; row < OUT; row++) {
            for (int column = 0; column < IN; column++) {
                int at = row * scalesPerRow + column / perScale;
                double weight = weights[row * IN + column];
                double rounded = dequantized(small, spec, row, column) * scales[at];
                // around 0 the largest number of the other sign lies a step before the end
                double steps = spec.symmetric() ? 1.001 : 0.501;
                assertThat(rounded).isCloseTo(weight, within(steps * Math.abs(scales[at])));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void zerosStayZerosAndOrderDoesNotMatter(QuantizeSpec spec) {
        Tensor zeros = Tensor.ofFloats(new float[OUT * IN], OUT, IN);
        SmallMatrix small = SmallMatrix.inBlocks(new FloatMatrix(zeros, false), spec);
        assertThat(dequantized(small, spec, 3, 5)).isZero();

        float[] weights = weights();
        float[] turned = new float[weights.length];
        for (int i = 0; i < weights.length; i++) {
            turned[i % IN * OUT + i / IN] = weights[i];
        }
        SmallMatrix straight = SmallMatrix.inBlocks(new FloatMatrix(Tensor.ofFloats(weights, OUT, IN), false), spec);
        SmallMatrix across = SmallMatrix.inBlocks(new FloatMatrix(Tensor.ofFloats(turned, IN, OUT), true), spec);
        assertThat(across.weights()).isEqualTo(straight.weights());
        assertThat(across.scales()).isEqualTo(straight.scales());
    }

    @Test
    void matricesOfProductsBecomeSmallAndNothingElseDoes() throws Exception {
        Path from = folder.resolve("model.onnx");
        TinyDecoder.standard().write(from);
        Map<String, Integer> before = types(ModelReader.read(from));
        for (int bits : List.of(4, 8)) {
            Path to = folder.resolve("small-" + bits + ".onnx");
            QuantizeReport report = new ModelQuantizer(new QuantizeSpec(bits, 32, false, false)).quantize(from, to);
            Map<String, Integer> after = types(ModelReader.read(to));
            int small = bits == 4 ? ElementType.UINT8.code() : ElementType.INT8.code();
            before.forEach((name, type) -> {
                boolean product = name.endsWith("_proj.weight");
                assertThat(after).as(name).containsEntry(name, product ? small : type);
            });
            assertThat(report.products()).isEqualTo(2 * 7);
            assertThat(report.bytesAfter()).isLessThan(report.bytesBefore() * 6 / 10);
            assertThat(report.files()).isEmpty();
        }
    }

    @Test
    void theHeadBecomesSmallOnlyIfAskedFor() throws Exception {
        Path from = folder.resolve("model.onnx");
        twoProducts().write(from);
        Path to = folder.resolve("small.onnx");
        new ModelQuantizer(new QuantizeSpec(8, 32, true, false)).quantize(from, to);
        assertThat(types(ModelReader.read(to)))
                .containsEntry("first.weight", ElementType.INT8.code())
                .containsEntry("score.weight", ElementType.FLOAT.code());
        new ModelQuantizer(new QuantizeSpec(8, 32, true, true)).quantize(from, to);
        assertThat(types(ModelReader.read(to))).containsEntry("score.weight", ElementType.INT8.code());
    }

    @Test
    void weightsOfLargeModelsLieInAFileOfTheirOwn() throws Exception {
        Path from = folder.resolve("model.onnx");
        TinyDecoder.standard().write(from);
        QuantizeSpec spec = new QuantizeSpec(4, 32, false, false);
        Path beside = Files.createDirectory(folder.resolve("beside")).resolve("model.onnx");
        Path inside = Files.createDirectory(folder.resolve("inside")).resolve("model.onnx");
        assertThat(new ModelQuantizer(spec, 1000).quantize(from, beside).files())
                .containsExactly("model.onnx.data");
        assertThat(new ModelQuantizer(spec).quantize(from, inside).files()).isEmpty();
        assertThat(Files.size(beside)).isLessThan(Files.size(inside) / 4);
        assertThat(tensors(ModelReader.read(beside))).isEqualTo(tensors(ModelReader.read(inside)));
    }

    @Test
    void whatCannotBecomeSmallIsRefused() throws Exception {
        Path from = folder.resolve("model.onnx");
        TinyDecoder.standard().write(from);
        Path to = folder.resolve("small.onnx");
        ModelQuantizer quantizer = new ModelQuantizer(new QuantizeSpec(4, 32, false, false));
        quantizer.quantize(from, to);
        assertThatThrownBy(() -> quantizer.quantize(to, from))
                .isInstanceOf(QuantizeRefusedException.class)
                .hasMessageContaining("quantise the float model");

        ModelBuilder broken = new ModelBuilder("m");
        String x = broken.input("x", ElementType.FLOAT, Dim.free("rows"), Dim.fixed(2));
        String w = broken.weight("w.weight", new float[] {1, Float.NaN, 2, 3}, 2, 2);
        broken.output(broken.node("Relu", broken.node("MatMul", x, w)), "y", ElementType.FLOAT, Dim.free("rows"));
        broken.write(from);
        assertThatThrownBy(() -> quantizer.quantize(from, to))
                .isInstanceOf(QuantizeRefusedException.class)
                .hasMessageContaining("not finite");
        assertThatThrownBy(() -> new QuantizeSpec(3, 32, false, false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new QuantizeSpec(4, 48, false, false)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The grid's scales are numbers that float16 holds, so that small weights are the nearest there are. */
    @ParameterizedTest
    @MethodSource("specs")
    void halfPrecisionBecomesSmallAndStaysHalfPrecision(QuantizeSpec spec) throws Exception {
        Path from = folder.resolve("model.onnx");
        float[] weights = halfProduct(from);
        Path to = folder.resolve("small.onnx");
        assertThat(new ModelQuantizer(spec).quantize(from, to).products()).isEqualTo(1);
        StoredModel small = ModelReader.open(to);
        assertThat(small.proto().getGraph().getInitializerList())
                .noneMatch(weight -> small.tensor(weight).count() >= OUT * IN
                        && small.tensor(weight).type().isReal());
        if (spec.bits() == 4) {
            assertThat(small.proto().getGraph().getInitializerList())
                    .anyMatch(weight ->
                            weight.getName().endsWith("_scale") && weight.getDataType() == ElementType.FLOAT16.code());
        }
        float[] x = Arrays.copyOf(weights, IN);
        float[] expected = new float[OUT];
        for (int i = 0; i < weights.length; i++) {
            expected[i % OUT] += x[i / OUT] * weights[i];
        }
        Graph graph = new Graph();
        Value input = graph.input("x", TensorType.of(ElementType.FLOAT, 1, IN));
        Value y = Objects.requireNonNull(new Specializer(small, graph, ElementType.FLOAT, ProductHook.NONE)
                .run(Map.of("x", input))
                .get("y"));
        Path kit = folder.resolve("kit.onnx");
        Files.write(
                kit,
                graph.model("g", List.of(input), List.of(graph.named("y", y))).toByteArray());
        for (Path model : List.of(from, to, kit)) {
            float[] found = run(model, x);
            for (int i = 0; i < OUT; i++) {
                double tolerance = model.equals(from) ? 0.01 : spec.bits() == 8 ? 0.1 : 0.7;
                assertThat(found[i]).as("%s of %s", i, model.getFileName()).isCloseTo(expected[i], within((float)
                        tolerance));
            }
        }
        float[] inference = run(to, x);
        float[] training = run(kit, x);
        for (int i = 0; i < OUT; i++) {
            assertThat(training[i]).isCloseTo(inference[i], within(0.02f));
        }
    }

    /** x [1, in] times a matrix in float16, which is returned, [in, out]. */
    private static float[] halfProduct(Path file) throws Exception {
        double[] weights = new double[OUT * IN];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weights()[i];
        }
        Tensor half = Tensor.ofReals(ElementType.FLOAT16, weights, IN, OUT);
        ModelBuilder b = new ModelBuilder("half");
        String x = b.input("x", ElementType.FLOAT, Dim.fixed(1), Dim.fixed(IN));
        String narrow = b.node("Cast", Attributes.none().integer("to", ElementType.FLOAT16.code()), x);
        String product = b.node("Neg", b.node("Neg", b.node("MatMul", narrow, b.constant(half))));
        String wide = b.node("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), product);
        b.output(wide, "y", ElementType.FLOAT, Dim.fixed(1), Dim.fixed(OUT));
        b.write(file);
        return half.toFloats();
    }

    private static float[] run(Path model, float[] x) throws Exception {
        try (InferenceSession session =
                        InferenceSession.open(Files.readAllBytes(model), model, SessionSettings.threads(1));
                NativeTensor input = NativeTensor.ofFloats(x, 1, IN)) {
            List<NativeTensor> outputs = session.run(Map.of("x", input), List.of("y"));
            try (NativeTensor y = outputs.get(0)) {
                return y.toFloats();
            }
        }
    }

    private static ModelBuilder twoProducts() {
        ModelBuilder b = new ModelBuilder("m");
        String x = b.input("x", ElementType.FLOAT, Dim.free("rows"), Dim.fixed(IN));
        String first = b.node("MatMul", x, b.weight("first.weight", weights(), IN, OUT));
        String score = b.weight("score.weight", weights(), IN, OUT);
        String bias = b.weight("score.bias", new float[IN], IN);
        String y = b.node("Gemm", Attributes.none().integer("transB", 1), b.node("Relu", first), score, bias);
        b.output(y, "y", ElementType.FLOAT, Dim.free("rows"), Dim.fixed(IN));
        return b;
    }

    private static double dequantized(SmallMatrix small, QuantizeSpec spec, int row, int column) {
        ByteBuffer weights = small.weights().data();
        if (spec.bits() == 8 && small.weights().type() == ElementType.INT8) {
            int zero = small.findZeroPoints().map(z -> (int) z.data().get(row)).orElse(0);
            return weights.get(row * IN + column) - zero;
        }
        int padded = (IN + spec.block() - 1) / spec.block() * spec.block();
        int perRow = (padded / spec.block() * spec.bits() + 7) / 8 * 8 / spec.bits();
        int zero = small.findZeroPoints()
                .map(z -> Packed.read(z.data(), spec.bits(), (long) row * perRow + column / spec.block()))
                .orElse(1 << (spec.bits() - 1));
        return Packed.read(weights, spec.bits(), (long) row * padded + column) - zero;
    }

    private static float[] weights() {
        float[] weights = new float[OUT * IN];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (random.nextDouble(-1, 1) + 0.2);
        }
        return weights;
    }

    private static Map<String, Integer> types(ModelProto model) {
        return model.getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getName().endsWith(".weight"))
                .collect(Collectors.toMap(TensorProto::getName, TensorProto::getDataType));
    }

    private static Map<String, Tensor> tensors(ModelProto model) {
        return model.getGraph().getInitializerList().stream()
                .collect(Collectors.toMap(TensorProto::getName, ModelReader::tensor));
    }
}
