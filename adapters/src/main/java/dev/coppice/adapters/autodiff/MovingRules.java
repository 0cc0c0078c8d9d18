package dev.coppice.adapters.autodiff;

import static java.util.Map.entry;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ReducedAxes;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.SliceRange;
import dev.coppice.adapters.onnx.Value;
import java.util.Map;
import java.util.stream.LongStream;

/** Rules of operators that move, repeat, pick or sum elements: each hands the gradient back to where it came from. */
final class MovingRules {
    static final Map<String, Rule> ALL = Map.ofEntries(
            entry("Identity", (s, i) -> s.d()),
            entry("Reshape", MovingRules::reshaped),
            entry("Flatten", MovingRules::reshaped),
            entry("Unsqueeze", MovingRules::reshaped),
            entry("Squeeze", MovingRules::reshaped),
            entry("Expand", (s, i) -> s.toInput(0, s.d())),
            entry("Transpose", MovingRules::transpose),
            entry("Concat", MovingRules::concat),
            entry("Split", MovingRules::split),
            entry("Slice", MovingRules::slice),
            entry("Gather", MovingRules::gather),
            entry("GatherElements", MovingRules::gatherElements),
            entry("ReduceSum", (s, i) -> spread(s, s.d())),
            entry(
                    "ReduceMean",
                    (s, i) -> spread(
                            s,
                            s.ops().scale(s.d(), 1.0 / ReducedAxes.of(s.call()).reducedCount()))));

    private static final Attributes ADDING = Attributes.none().text("reduction", "add");

    private MovingRules() {}

    private static Value reshaped(Step s, int input) {
        return s.ops().reshape(s.d(), s.x().shape());
    }

    private static Value transpose(Step s, int input) {
        long[] axes = LongStream.range(0, s.x().rank()).toArray();
        long[] permutation = s.attributes()
                .findIntegers("perm")
                .orElseGet(() ->
                        LongStream.of(axes).map(axis -> axes.length - 1 - axis).toArray());
        return s.ops().transpose(s.d(), inverse(permutation));
    }

    private static long[] inverse(long[] permutation) {
        long[] inverse = new long[permutation.length];
        for (int i = 0; i < inverse.length; i++) {
            inverse[(int) permutation[i]] = i;
        }
        return inverse;
    }

    private static Value concat(Step s, int input) {
        int axis = Shapes.axis(s.attributes().integer("axis"), s.y().rank());
        long from = 0;
        for (int before = 0; before < input; before++) {
            from += s.in(before).size(axis);
        }
        Ops ops = s.ops();
        Value start = ops.integers(from);
        Value end = ops.integers(from + s.in(input).size(axis));
        return ops.graph().call("Slice", Attributes.none(), s.d(), start, end, ops.integers(axis));
    }

    private static Value split(Step s, int input) {
        Value[] parts = new Value[s.gradients().size()];
        for (int i = 0; i < parts.length; i++) {
            Value gradient = s.gradients().get(i);
            parts[i] =
                    gradient == Value.ABSENT ? s.ops().zeros(s.call().outputs().get(i)) : gradient;
        }
        Attributes axis = Attributes.none().integer("axis", s.attributes().integerOr("axis", 0));
        return s.ops().graph().call("Concat", axis, parts);
    }

    private static Value slice(Step s, int input) {
        Value pads = s.ops().integers(SliceRange.of(s.call()).padding());
        return s.ops().graph().call("Pad", Attributes.none(), s.d(), pads);
    }

    /** Rows of a table: each gradient row is added to the table row it was read from, repeated rows included. */
    private static Value gather(Step s, int input) {
        Ops ops = s.ops();
        int rank = s.x().rank();
        int indexRank = s.in(1).rank();
        int axis = Shapes.axis(s.attributes().integerOr("axis", 0), rank);
        long[] axisFirst = LongStream.concat(
                        LongStream.of(axis), LongStream.range(0, rank).filter(other -> other != axis))
                .toArray();
        long[] indexFirst = LongStream.concat(
                        LongStream.range(axis, axis + indexRank),
                        LongStream.range(0, s.d().rank()).filter(other -> other < axis || other >= axis + indexRank))
                .toArray();
        Value table = ops.zeros(axis == 0 ? s.x() : ops.transpose(s.x(), axisFirst));
        Value indices = ops.reshape(s.in(1), Shapes.join(s.in(1).shape(), 1));
        Value updates = axis == 0 ? s.d() : ops.transpose(s.d(), indexFirst);
        Value added = ops.graph().call("ScatterND", ADDING, table, indices, updates);
        return axis == 0 ? added : ops.transpose(added, inverse(axisFirst));
    }

    private static Value gatherElements(Step s, int input) {
        Attributes where = ADDING.integer("axis", s.attributes().integerOr("axis", 0));
        return s.ops().graph().call("ScatterElements", where, s.ops().zeros(s.x()), s.in(1), s.d());
    }

    private static Value spread(Step s, Value gradient) {
        Value kept = s.ops().reshape(gradient, ReducedAxes.of(s.call()).keptShape());
        return s.ops().expand(kept, s.x().shape());
    }
}
