package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What works on each row by itself is computed on matrices, so that products of a whole batch are one product, sums
 * stand beside them, and what only renames shapes between them falls away.
 */
final class Rows implements Pattern {
    private static final Set<String> RENAMES = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze");
    private static final Set<String> ELEMENTWISE =
            Set.of("Add", "Sub", "Mul", "Div", "Sigmoid", "Tanh", "Neg", "Relu", "Erf", "QuickGelu", "QuickGeluGrad");
    private static final Set<String> ALONG_ROWS = Set.of("SimplifiedLayerNormalization", "LayerNormalization");

    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        Value y = call.output();
        if (y.element() != ElementType.FLOAT) {
            return Optional.empty();
        }
        Ops ops = rewriting.ops();
        if (RENAMES.contains(call.op())) {
            return Optional.of(List.of(ops.reshape(call.input(0), y.shape())));
        }
        if (y.rank() < 3) {
            return Optional.empty();
        }
        if (call.op().equals("MatMul") && call.input(1).rank() == 2 && isGiven(call.input(1), rewriting)) {
            Value product = ops.gemm(ops.rows(call.input(0)), false, call.input(1), false, 1);
            return Optional.of(List.of(ops.reshape(product, y.shape())));
        }
        return isByRows(call) && call.inputs().stream().anyMatch(input -> isMatrix(input, y, rewriting))
                ? Optional.of(onMatrices(call, ops))
                : Optional.empty();
    }

    /** Weights and inputs, but not what is dequantised, which the engine multiplies in its own way. */
    private static boolean isGiven(Value weight, Rewriting rewriting) {
        return rewriting.ops().graph().findMaker(weight).isEmpty();
    }

    /** Whether every operand is as large as the result, has one number for each row, or is the same for all rows. */
    private static boolean isByRows(Call call) {
        if (ALONG_ROWS.contains(call.op())) {
            long axis = call.attributes().integerOr("axis", -1);
            return axis == -1 || axis == call.output().rank() - 1;
        }
        return ELEMENTWISE.contains(call.op())
                && call.inputs().stream()
                        .allMatch(input ->
                                isWhole(input, call.output()) || isColumn(input, call.output()) || isForAllRows(input));
    }

    private static boolean isMatrix(Value input, Value y, Rewriting rewriting) {
        return isWhole(input, y)
                && rewriting
                        .findMaker(input, "Reshape")
                        .filter(reshape ->
                                reshape.input(0).rank() == 2 && reshape.input(0).size(-1) == y.size(-1))
                        .isPresent();
    }

    private static List<Value> onMatrices(Call call, Ops ops) {
        List<Value> inputs = call.inputs().stream()
                .map(input -> isForAllRows(input) ? input : ops.rows(input))
                .toList();
        Graph graph = ops.graph();
        List<Value> matrices = graph.callAll(call.domain(), call.op(), call.attributes(), inputs);
        List<Value> results = new ArrayList<>();
        for (int i = 0; i < matrices.size(); i++) {
            results.add(ops.reshape(matrices.get(i), call.outputs().get(i).shape()));
        }
        return results;
    }

    private static boolean isWhole(Value input, Value y) {
        return Arrays.equals(input.shape(), y.shape());
    }

    private static boolean isColumn(Value input, Value y) {
        long[] column = y.shape();
        column[column.length - 1] = 1;
        return Arrays.equals(input.shape(), column);
    }

    private static boolean isForAllRows(Value input) {
        return input.rank() < 2;
    }
}
