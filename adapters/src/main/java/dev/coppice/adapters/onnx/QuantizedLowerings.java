package dev.coppice.adapters.onnx;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Frozen weights that are stored as small whole numbers. They are checked here, before native code sees them, and stay
 * small in the graph, which dequantises them as it runs. Meaning of the operators: ONNX's DequantizeLinear, ONNX Runtime's
 * MatMulNBits and GatherBlockQuantized. A graph for numerical checks gets them as floats.
 */
final class QuantizedLowerings {
    static final Map<String, Lowering> ALL = Map.ofEntries(
            entry("DequantizeLinear", QuantizedLowerings::dequantize),
            entry(Node.MICROSOFT + ".DequantizeLinear", QuantizedLowerings::dequantize),
            entry(Node.MICROSOFT + ".MatMulNBits", QuantizedLowerings::product),
            entry(Node.MICROSOFT + ".GatherBlockQuantized", QuantizedLowerings::lookUp));

    private QuantizedLowerings() {}

    /** Matrices stay small; of the rest (biases, norms) there is little. */
    private static List<Value> dequantize(Site s) {
        Graph graph = s.ops().graph();
        LinearQuantized weights = LinearQuantized.of(s.call(), graph);
        return s.isDouble() || !weights.isMatrix()
                ? List.of(graph.constant(weights.dequantized(s.in(1).element())))
                : s.same(s.attributes().without("saturate"), s.call().inputs());
    }

    private static List<Value> product(Site s) {
        BlockQuantized weights = BlockQuantized.of(s.call(), s.ops().graph());
        Value x = s.in(0);
        s.require(x.size(-1) == weights.columnCount(), "K is not the last size of " + x);
        Value y = s.isDouble() ? multiplied(s, x, weights) : weights.product(s.ops(), x);
        Value beside = s.beside(x, 1, y);
        return List.of(s.has(5) ? s.ops().add(beside, s.in(5)) : beside);
    }

    private static Value multiplied(Site s, Value x, BlockQuantized weights) {
        Value matrix = s.ops().graph().constant(weights.dequantized(x.element()));
        return s.ops().matMul(x, s.ops().swap(matrix));
    }

    /**
     * x times a dequantised matrix, without what ONNX Runtime would make of MatMul: it rounds x where the matrix is in
     * blocks, and keeps the whole matrix as floats where it is turned. Empty if w is no such matrix.
     */
    static Optional<Value> findProduct(Ops ops, Value x, Value w) {
        Graph graph = ops.graph();
        Optional<Call> maker = w.rank() == 2 ? graph.findMaker(w) : Optional.empty();
        Optional<Value> source =
                maker.filter(call -> call.op().equals("Transpose")).map(call -> call.input(0));
        boolean turned = source.isPresent();
        Optional<Call> dequantized = turned ? graph.findMaker(source.get()) : maker;
        if (dequantized.filter(call -> call.op().equals("DequantizeLinear")).isEmpty()) {
            return Optional.empty();
        }
        LinearQuantized weights = LinearQuantized.of(dequantized.get(), graph);
        if (weights.isInBlocksAlong(turned ? 1 : 0)) {
            return Optional.of(weights.blocks().product(ops, x));
        }
        return source.map(matrix -> ops.timesTurned(x, matrix));
    }

    /** Rows of an embedding that is stored in blocks. */
    private static List<Value> lookUp(Site s) {
        Graph graph = s.ops().graph();
        BlockQuantized table = BlockQuantized.ofTable(s.call(), graph);
        return List.of(
                s.isDouble()
                        ? s.ops()
                                .gather(graph.constant(table.dequantized(s.in(2).element())), s.in(1))
                        : table.rows(s.ops(), s.in(1)));
    }
}
