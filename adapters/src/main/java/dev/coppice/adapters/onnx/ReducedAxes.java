package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which axes a reduction removes. */
public final class ReducedAxes {
    private final long[] shape;
    private final Set<Integer> axes;
    private final boolean keep;

    private ReducedAxes(long[] shape, Set<Integer> axes, boolean keep) {
        this.shape = shape;
        this.axes = axes;
        this.keep = keep;
    }

    public static ReducedAxes of(Call call) {
        long[] listed = call.has(1) ? call.input(1).longs() : new long[0];
        long[] shape = call.input(0).shape();
        Set<Integer> axes = new TreeSet<>();
        for (long axis : listed) {
            axes.add(Shapes.axis(axis, shape.length));
        }
        boolean all = listed.length == 0 && call.attributes().integerOr("noop_with_empty_axes", 0) == 0;
        for (int i = 0; all && i < shape.length; i++) {
            axes.add(i);
        }
        return new ReducedAxes(shape, axes, call.attributes().integerOr("keepdims", 1) != 0);
    }

    static ReducedAxes ofArgMax(Call call) {
        long[] shape = call.input(0).shape();
        int axis = Shapes.axis(call.attributes().integerOr("axis", 0), shape.length);
        return new ReducedAxes(shape, Set.of(axis), call.attributes().integerOr("keepdims", 1) != 0);
    }

    /** The result's shape with reduced axes kept as 1. */
    public long[] keptShape() {
        long[] kept = shape.clone();
        axes.forEach(axis -> kept[axis] = 1);
        return kept;
    }

    /** How many elements go into one. */
    public long reducedCount() {
        return Shapes.count(shape) / Math.max(1, Shapes.count(keptShape()));
    }

    long[] resultShape() {
        List<Long> left = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            if (keep || !axes.contains(i)) {
                left.add(axes.contains(i) ? 1L : shape[i]);
            }
        }
        return left.stream().mapToLong(Long::longValue).toArray();
    }
}
