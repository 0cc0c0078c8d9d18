package dev.coppice.adapters.onnx;

import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Computes what is known before the graph runs: shapes, and arithmetic on whole numbers and truth values. Constant
 * floats are left to the engine, which folds them when it opens the model.
 */
final class Folding {
    /** Larger results stay calls, so that a broadcast mask does not bloat the file. */
    private static final long COUNT_MAX = 1 << 16;

    private static final Set<String> SAME_ELEMENTS =
            Set.of("Identity", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Cast");
    private static final Map<String, LongBinaryOperator> BINARY = Map.ofEntries(
            entry("Add", Long::sum),
            entry("Sub", (a, b) -> a - b),
            entry("Mul", (a, b) -> a * b),
            entry("Div", (a, b) -> a / nonZero(b)),
            entry("Mod", (a, b) -> Math.floorMod(a, nonZero(b))),
            entry("Max", Math::max),
            entry("Min", Math::min),
            entry("And", (a, b) -> a & b),
            entry("Or", (a, b) -> a | b),
            entry("Equal", (a, b) -> a == b ? 1 : 0),
            entry("Less", (a, b) -> a < b ? 1 : 0),
            entry("LessOrEqual", (a, b) -> a <= b ? 1 : 0),
            entry("Greater", (a, b) -> a > b ? 1 : 0),
            entry("GreaterOrEqual", (a, b) -> a >= b ? 1 : 0));

    private Folding() {}

    /** The call's only result, if it can be known now. */
    static Optional<Tensor> fold(Call call, TensorType type) {
        if (type.element().isReal() || Shapes.count(type.shape()) > COUNT_MAX) {
            return Optional.empty();
        }
        if (call.op().equals("Shape")) {
            long[] shape = shapeOf(call);
            return Optional.of(Tensor.ofLongs(shape, shape.length));
        }
        if (call.op().equals("Size")) {
            return Optional.of(Tensor.ofLongs(new long[] {call.input(0).count()}));
        }
        boolean known = call.inputs().stream()
                .allMatch(input -> input.isAbsent()
                        || (input.constant().isPresent() && !input.element().isReal()));
        long[] result = known ? evaluate(call, type) : null;
        return Optional.ofNullable(result).map(values -> Tensor.ofLongs(type.element(), values, type.shape()));
    }

    /** The part of the operand's shape that a Shape call asks for. */
    static long[] shapeOf(Call call) {
        long[] shape = call.input(0).shape();
        long start = call.attributes().integerOr("start", 0);
        long end = call.attributes().integerOr("end", shape.length);
        int from = (int) Math.max(0, Math.min(shape.length, start < 0 ? start + shape.length : start));
        int to = (int) Math.max(from, Math.min(shape.length, end < 0 ? end + shape.length : end));
        return Shapes.part(shape, from, to);
    }

    static long[] range(Call call) {
        long start = call.input(0).longs()[0];
        long limit = call.input(1).longs()[0];
        long step = nonZero(call.input(2).longs()[0]);
        long count = Math.max(0, -Math.floorDiv(start - limit, step));
        if (count > COUNT_MAX) {
            throw new GraphRefusedException("a Range of " + count + " numbers is too long");
        }
        long[] numbers = new long[(int) count];
        Arrays.setAll(numbers, i -> start + i * step);
        return numbers;
    }

    private static long @Nullable [] evaluate(Call call, TensorType type) {
        String op = call.op();
        if (SAME_ELEMENTS.contains(op)) {
            return call.input(0).longs();
        }
        if (BINARY.containsKey(op)) {
            return binary(call, type, BINARY.get(op));
        }
        return switch (op) {
            case "Range" -> range(call);
            case "Not" -> Arrays.stream(call.input(0).longs()).map(x -> 1 - x).toArray();
            case "Neg" -> Arrays.stream(call.input(0).longs()).map(x -> -x).toArray();
            case "ReduceProd" ->
                new long[] {Arrays.stream(call.input(0).longs()).reduce(1, (a, b) -> a * b)};
            case "ConstantOfShape" -> filled(call, type);
            case "Where" -> where(call, type);
            case "Expand" -> Moves.broadcast(call.input(0), type.shape());
            case "Transpose" -> Moves.transpose(call, type.shape());
            case "Concat" -> Moves.concat(call, type.shape());
            case "Gather" -> Moves.gather(call, type.shape());
            case "Slice" -> Moves.slice(call, type.shape());
            default -> null;
        };
    }

    private static long[] binary(Call call, TensorType type, LongBinaryOperator operator) {
        long[] result = Moves.broadcast(call.input(0), type.shape());
        for (Value other : call.inputs().subList(1, call.inputs().size())) {
            long[] right = Moves.broadcast(other, type.shape());
            long[] left = result;
            result = new long[left.length];
            Arrays.setAll(result, i -> operator.applyAsLong(left[i], right[i]));
        }
        return result;
    }

    private static long[] where(Call call, TensorType type) {
        long[] chosen = Moves.broadcast(call.input(0), type.shape());
        long[] yes = Moves.broadcast(call.input(1), type.shape());
        long[] no = Moves.broadcast(call.input(2), type.shape());
        Arrays.setAll(chosen, i -> chosen[i] != 0 ? yes[i] : no[i]);
        return chosen;
    }

    private static long[] filled(Call call, TensorType type) {
        long value = call.attributes()
                .find("value")
                .map(attribute -> ModelReader.tensor(attribute.getT()).toLongs()[0])
                .orElse(0L);
        long[] values = new long[(int) Shapes.count(type.shape())];
        Arrays.fill(values, value);
        return values;
    }

    private static long nonZero(long divisor) {
        if (divisor == 0) {
            throw new GraphRefusedException("the graph divides by zero");
        }
        return divisor;
    }
}
