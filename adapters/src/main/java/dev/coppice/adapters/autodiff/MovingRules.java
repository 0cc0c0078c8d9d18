package dev.coppice.adapters.autodiff;

import static java.util.Map.entry;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ReducedAxes;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.SliceRange;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.Value;
import java.util.Arrays;
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
            entry("TopK", MovingRules::topK),
            entry("GatherND", MovingRules::gatherNd),
            entry("ScatterND", MovingRules::scatterNd),
            entry("Pad", MovingRules::pad),
            entry("Tile", MovingRules::tile),
            entry("Trilu", (s, i) -> s.ops().graph().call("Trilu", s.attributes(), s.d(), diagonal(s))),
            entry("CumSum", MovingRules::runningSum),
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

    /** What was among the largest came from where the call says. */
    private static Value topK(Step s, int input) {
        Attributes where = ADDING.integer("axis", s.attributes().integerOr("axis", -1));
        Value places = s.call().outputs().get(1);
        return s.ops().graph().call("ScatterElements", where, s.ops().zeros(s.x()), places, s.d());
    }

    private static Value gatherNd(Step s, int input) {
        if (s.attributes().integerOr("batch_dims", 0) != 0) {
            throw new GraphRefusedException("GatherND in batches cannot be differentiated");
        }
        return s.ops().graph().call("ScatterND", ADDING, s.ops().zeros(s.x()), s.in(1), s.d());
    }

    /** What was replaced had no influence; what replaced it has that of its place. */
    private static Value scatterNd(Step s, int input) {
        Ops ops = s.ops();
        String reduction = s.attributes().textOr("reduction", "none");
        if (!reduction.equals("none") && !reduction.equals("add")) {
            throw new GraphRefusedException("ScatterND that takes a " + reduction + " cannot be differentiated");
        }
        if (input == 2) {
            return ops.graph().call("GatherND", Attributes.none(), s.d(), s.in(1));
        }
        return reduction.equals("add")
                ? s.d()
                : ops.graph().call("ScatterND", Attributes.none(), s.d(), s.in(1), ops.zeros(s.in(2)));
    }

    /** What was put on is taken off, and the other way round. */
    private static Value pad(Step s, int input) {
        long[] pads = s.in(1).constant().orElseThrow().toLongs();
        Arrays.setAll(pads, i -> -pads[i]);
        return s.ops().graph().call("Pad", Attributes.none(), s.d(), s.ops().integers(pads));
    }

    /** The repeats of each axis become an axis of their own, over which is summed. */
    private static Value tile(Step s, int input) {
        int rank = s.x().rank();
        long[] split = new long[2 * rank];
        long[] repeats = new long[rank];
        for (int axis = 0; axis < rank; axis++) {
            split[2 * axis] = s.y().size(axis) / s.x().size(axis);
            split[2 * axis + 1] = s.x().size(axis);
            repeats[axis] = 2L * axis;
        }
        return s.ops().reshape(s.ops().sum(s.ops().reshape(s.d(), split), repeats), s.x().shape());
    }

    private static Value diagonal(Step s) {
        return s.call().has(1) ? s.in(1) : s.ops().graph().constant(Tensor.scalar(ElementType.INT64, 0));
    }

    /** Each element is part of its own sum and of all later ones: the sum from the other end. */
    private static Value runningSum(Step s, int input) {
        Attributes reversed =
                s.attributes().integer("reverse", 1 - s.attributes().integerOr("reverse", 0));
        return s.ops().graph().call("CumSum", reversed, s.d(), s.in(1));
    }

    private static Value spread(Step s, Value gradient) {
        Value kept = s.ops().reshape(gradient, ReducedAxes.of(s.call()).keptShape());
        return s.ops().expand(kept, s.x().shape());
    }
}
