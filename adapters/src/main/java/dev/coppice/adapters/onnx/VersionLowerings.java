package dev.coppice.adapters.onnx;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Standard operators whose form or meaning changed between versions, or that have several forms, brought to the one
 * form that graphs know (that of version {@link Graph#OPSET}).
 */
final class VersionLowerings {
    static final Map<String, Lowering> ALL = Map.ofEntries(
            entry("Squeeze", VersionLowerings::axesAsInput),
            entry("Unsqueeze", VersionLowerings::axesAsInput),
            entry("ReduceSum", VersionLowerings::axesAsInput),
            entry("ReduceMean", VersionLowerings::axesAsInput),
            entry("ReduceMax", VersionLowerings::axesAsInput),
            entry("ReduceMin", VersionLowerings::axesAsInput),
            entry("ReduceProd", VersionLowerings::axesAsInput),
            entry("ReduceSumSquare", s -> reduced(s, "ReduceSum", square(s))),
            entry("ReduceL1", s -> reduced(s, "ReduceSum", s.ops().unary("Abs", s.in(0)))),
            entry("ReduceL2", s -> unary(s, "Sqrt", reduced(s, "ReduceSum", square(s)))),
            entry("ReduceLogSum", s -> unary(s, "Log", reduced(s, "ReduceSum", s.in(0)))),
            entry("Split", VersionLowerings::split),
            entry("Softmax", VersionLowerings::softmax),
            entry("LogSoftmax", VersionLowerings::softmax),
            entry("Slice", VersionLowerings::slice),
            entry("Pad", VersionLowerings::pad),
            entry("Dropout", s -> List.of(s.in(0), Value.ABSENT)),
            entry("CastLike", s -> List.of(s.ops().cast(s.in(0), s.in(1).element()))),
            entry("Max", VersionLowerings::pairwise),
            entry("Min", VersionLowerings::pairwise),
            entry(
                    "Sum",
                    s -> List.of(s.call().inputs().stream().reduce(s.ops()::add).orElseGet(() -> s.in(0)))),
            entry("Pow", VersionLowerings::power));

    private VersionLowerings() {}

    /** Axes were an attribute up to version 12 (17 for most reductions). */
    private static List<Value> axesAsInput(Site s) {
        return s.same(s.attributes().without("axes"), withAxes(s, s.in(0)));
    }

    private static List<Value> withAxes(Site s, Value x) {
        List<Value> inputs = new ArrayList<>(List.of(x));
        if (s.has(1)) {
            inputs.add(s.in(1));
        } else {
            s.attributes()
                    .findIntegers("axes")
                    .ifPresent(axes -> inputs.add(s.ops().integers(axes)));
        }
        return inputs;
    }

    /** Inputs: places, how many there are, what is elsewhere and what is at them; places below 0 count from the end. */
    static List<Value> oneHot(Site s) {
        Ops ops = s.ops();
        long count = ops.cast(s.in(1), ElementType.INT64).longs()[0];
        Value given = ops.cast(s.in(0), ElementType.INT64);
        int axis = Shapes.axis(s.attributes().integerOr("axis", -1), given.rank() + 1);
        Value isBelow = ops.compare("Less", given, ops.integers(0));
        Value places = ops.where(isBelow, ops.add(given, ops.integers(count)), given);
        long[] along = new long[given.rank() + 1];
        Arrays.fill(along, 1);
        along[axis] = count;
        Value isPlace = ops.compare("Equal", ops.unsqueeze(places, axis), ops.reshape(ops.range(count), along));
        List<Value> values = ops.parts(s.in(2), 1, 1);
        return List.of(ops.where(isPlace, values.get(1), values.get(0)));
    }

    private static List<Value> reduced(Site s, String op, Value x) {
        return s.ops().graph().callAll("", op, s.attributes().without("axes"), withAxes(s, x));
    }

    private static List<Value> unary(Site s, String op, List<Value> x) {
        return List.of(s.ops().unary(op, x.get(0)));
    }

    private static Value square(Site s) {
        return s.ops().mul(s.in(0), s.in(0));
    }

    /** The sizes of the parts: an attribute up to version 12, and always left out where they are equal. */
    private static List<Value> split(Site s) {
        long axis = s.attributes().integerOr("axis", 0);
        if (s.has(1)) {
            return s.same(Attributes.none().integer("axis", axis), s.call().inputs());
        }
        long whole = s.in(0).size(Shapes.axis(axis, s.in(0).rank()));
        long parts = s.attributes().integerOr("num_outputs", s.outputs());
        s.require(parts >= 1 && parts <= Math.max(1, whole), "an axis of " + whole + " in " + parts + " parts");
        long size = Math.floorDiv(whole + parts - 1, parts);
        long[] equal = new long[(int) parts];
        Arrays.fill(equal, size);
        equal[equal.length - 1] = whole - size * (parts - 1);
        Value sizes = s.ops().integers(s.attributes().findIntegers("split").orElse(equal));
        return s.same(Attributes.none().integer("axis", axis), List.of(s.in(0), sizes));
    }

    /** Up to version 12 all axes from the given one on were one, which was the second if none was given. */
    private static List<Value> softmax(Site s) {
        Value x = s.in(0);
        boolean together = s.version() < 13;
        int axis = Shapes.axis(s.attributes().integerOr("axis", together ? 1 : -1), x.rank());
        if (!together || axis == x.rank() - 1) {
            return List.of(s.call(s.call().op(), Attributes.none().integer("axis", axis), x));
        }
        long rows = Shapes.count(Shapes.part(x.shape(), 0, axis));
        Value flat = s.ops().reshape(x, rows, x.count() / Math.max(1, rows));
        return List.of(s.ops().reshape(s.call(s.call().op(), Attributes.none().integer("axis", -1), flat), x.shape()));
    }

    /** Steps pick elements, and picking has a gradient. */
    private static List<Value> slice(Site s) {
        SliceRange range = SliceRange.of(s.call());
        Value x = s.in(0);
        int rank = x.rank();
        if (!x.element().isReal() || LongStream.range(0, rank).noneMatch(axis -> range.isStepped((int) axis))) {
            return s.same(s.attributes(), s.call().inputs());
        }
        Value picked = x;
        for (int axis = 0; axis < rank; axis++) {
            if (!range.isWhole(axis)) {
                picked = s.call(
                        "Gather",
                        Attributes.none().integer("axis", axis),
                        picked,
                        s.ops().integers(range.positions(axis)));
            }
        }
        return List.of(picked);
    }

    /** Some axes only, since version 18: the others get 0. */
    private static List<Value> pad(Site s) {
        s.require(
                s.attributes().textOr("mode", "constant").equals("constant"),
                "only padding with a constant is supported");
        if (!s.has(3)) {
            return s.same(s.attributes(), s.call().inputs());
        }
        int rank = s.in(0).rank();
        long[] axes = s.in(3).longs();
        long[] given = s.in(1).longs();
        long[] all = new long[2 * rank];
        for (int i = 0; i < axes.length; i++) {
            int axis = Shapes.axis(axes[i], rank);
            all[axis] = given[i];
            all[rank + axis] = given[axes.length + i];
        }
        List<Value> inputs = new ArrayList<>(List.of(s.in(0), s.ops().integers(all)));
        if (s.has(2)) {
            inputs.add(s.in(2));
        }
        return s.same(s.attributes(), inputs);
    }

    private static List<Value> pairwise(Site s) {
        return List.of(s.call().inputs().stream()
                .reduce((a, b) -> s.call(s.call().op(), Attributes.none(), a, b))
                .orElseGet(() -> s.in(0)));
    }

    /** The exponent may be a whole number, which says nothing to differentiation. */
    private static List<Value> power(Site s) {
        Value exponent = s.in(1);
        boolean whole = s.in(0).element().isReal()
                && !exponent.element().isReal()
                && exponent.constant().isPresent()
                && exponent.count() == 1;
        return whole
                ? List.of(s.call(
                        "Pow", Attributes.none(), s.in(0), s.ops().number(s.in(0), (double) exponent.longs()[0])))
                : s.same(s.attributes(), s.call().inputs());
    }
}
