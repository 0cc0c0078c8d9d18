package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which graph runs, and what it sees of its inputs. */
class ByLengthTest {
    private static final int ROWS = 2;
    private static final int LONGEST = 12;

    @ParameterizedTest
    @CsvSource({"1, 4", "4, 4", "5, 8", "8, 8", "9, 12", "12, 12"})
    void theShortestGraphThatHoldsTheLongestTextRuns(int tokens, int length) throws Exception {
        try (PlainRun run = fed(tokens)) {
            assertThat(run.run(model()).get("length")).containsExactly(length);
        }
    }

    /** Of inputs [rows, length] and [rows * length, 3] that number their elements. */
    @Test
    void inputsAreCutAtTheEndOfEachRow() throws Exception {
        try (PlainRun run = fed(3)) {
            assertThat(run.run(model()).get("sum")).containsExactly(sum(4, 1) + sum(4, 3));
        }
        try (PlainRun run = fed(10)) {
            assertThat(run.run(model()).get("sum")).containsExactly(sum(12, 1) + sum(12, 3));
        }
    }

    @Test
    void halfIsWorthAGraphOfItsOwnUnlessItIsVeryShort() {
        assertThat(ByLength.lengths(64)).containsExactly(32, 64);
        assertThat(ByLength.lengths(48)).containsExactly(24, 48);
        assertThat(ByLength.lengths(25)).containsExactly(16, 25);
        assertThat(ByLength.lengths(16)).containsExactly(16);
        assertThat(ByLength.lengths(2)).containsExactly(2);
    }

    private static PlainRun fed(int tokens) throws Exception {
        PlainRun run = new PlainRun();
        long[] mask = new long[ROWS * LONGEST];
        mask[0] = 1;
        for (int i = 0; i < tokens; i++) {
            mask[LONGEST + i] = 1;
        }
        run.feed(KitInputs.MASK, mask, ROWS, LONGEST);
        run.feed("apart", numbered(ROWS * LONGEST), ROWS, LONGEST);
        run.feed("together", numbered(ROWS * LONGEST * 3), ROWS * LONGEST, 3);
        return run;
    }

    private static float sum(int length, int width) {
        float sum = 0;
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < length * width; i++) {
                sum += row * LONGEST * width + i;
            }
        }
        return sum;
    }

    private static float[] numbered(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = i;
        }
        return numbers;
    }

    private static ModelProto model() {
        NavigableMap<Integer, ModelProto> models = new TreeMap<>();
        for (int length : List.of(4, 8, LONGEST)) {
            models.put(length, model(length));
        }
        return ByLength.of(models);
    }

    private static ModelProto model(int length) {
        Graph graph = new Graph(Graph.OPSET, length == LONGEST ? "" : ByLength.prefix(length));
        Ops ops = new Ops(graph);
        Value mask = graph.input(KitInputs.MASK, TensorType.of(ElementType.INT64, ROWS, length));
        Value apart = graph.input("apart", TensorType.of(ElementType.FLOAT, ROWS, length));
        Value together = graph.input("together", TensorType.of(ElementType.FLOAT, (long) ROWS * length, 3));
        Value sum = ops.add(ops.total(apart), ops.total(together));
        Value size = ops.add(ops.number(apart, length), ops.scale(ops.total(apart), 0));
        List<Value> outputs = List.of(graph.named("length", size), graph.named("sum", sum));
        return graph.model("m", List.of(mask, apart, together), outputs);
    }
}
