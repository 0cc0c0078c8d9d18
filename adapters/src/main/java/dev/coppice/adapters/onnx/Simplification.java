package dev.coppice.adapters.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/** Calls that change nothing, as a model with free axes and an empty cache is full of once its shapes are known. */
final class Simplification {
    /** With the type unchanged these hand on what they are given. */
    private static final Set<String> SAME_IF_OF_SAME_TYPE =
            Set.of("Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Split");

    private Simplification() {}

    /** A concatenation without its parts of length 0. */
    static Call withoutEmptyParts(Call call) {
        if (!call.op().equals("Concat") || call.inputs().stream().noneMatch(part -> part.count() == 0)) {
            return call;
        }
        List<Value> parts =
                call.inputs().stream().filter(part -> part.count() != 0).toList();
        return parts.isEmpty() || !sameRank(call) ? call : call.with(parts);
    }

    private static boolean sameRank(Call call) {
        return call.inputs().stream().mapToInt(Value::rank).distinct().count() == 1;
    }

    /** The operand that is the call's only result already. */
    static Optional<Value> same(Call call, List<TensorType> types) {
        if (call.inputs().isEmpty() || !List.of(call.inputs().get(0).type()).equals(types)) {
            return Optional.empty();
        }
        boolean same = switch (call.op()) {
            case "Concat" -> call.inputs().size() == 1;
            case "Slice" -> SliceRange.of(call).isForward();
            case "Pad" -> Arrays.stream(call.input(1).longs()).allMatch(pad -> pad == 0);
            case "Transpose" ->
                Arrays.equals(
                        MovingShapes.permutation(call),
                        LongStream.range(0, call.input(0).rank()).toArray());
            default -> SAME_IF_OF_SAME_TYPE.contains(call.op());
        };
        return same ? Optional.of(call.input(0)) : Optional.empty();
    }
}
