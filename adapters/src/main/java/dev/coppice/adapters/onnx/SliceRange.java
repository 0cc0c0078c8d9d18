package dev.coppice.adapters.onnx;

import java.util.Arrays;
import java.util.stream.LongStream;

/** What a Slice keeps of each axis. */
public final class SliceRange {
    /** Longest list of places that is written into a graph. */
    private static final int POSITIONS_MAX = 1 << 20;

    private final long[] shape;
    private final long[] starts;
    private final long[] steps;
    private final long[] counts;

    private SliceRange(long[] shape) {
        this.shape = shape;
        this.starts = new long[shape.length];
        this.steps = new long[shape.length];
        this.counts = shape.clone();
        Arrays.fill(steps, 1);
    }

    public static SliceRange of(Call call) {
        SliceRange range = new SliceRange(call.input(0).shape());
        long[] starts = call.input(1).longs();
        long[] ends = call.input(2).longs();
        long[] axes = call.has(3)
                ? call.input(3).longs()
                : LongStream.range(0, starts.length).toArray();
        long[] steps = call.has(4) ? call.input(4).longs() : new long[0];
        for (int i = 0; i < axes.length; i++) {
            range.cut(Shapes.axis(axes[i], range.shape.length), starts[i], ends[i], steps.length == 0 ? 1 : steps[i]);
        }
        return range;
    }

    private void cut(int axis, long start, long end, long step) {
        if (step == 0) {
            throw new GraphRefusedException("Slice with a step of 0");
        }
        long size = shape[axis];
        long first = clamp(start < 0 ? start + size : start, 0, step > 0 ? size : size - 1);
        long last = clamp(end < 0 ? end + size : end, step > 0 ? 0 : -1, size);
        starts[axis] = first;
        steps[axis] = step;
        counts[axis] = Math.max(0, ceilDiv(last - first, step));
    }

    private static long ceilDiv(long a, long b) {
        return -Math.floorDiv(-a, b);
    }

    private static long clamp(long value, long low, long high) {
        return Math.max(low, Math.min(high, value));
    }

    long[] resultShape() {
        return counts.clone();
    }

    long start(int axis) {
        return starts[axis];
    }

    long step(int axis) {
        return steps[axis];
    }

    /** Whether no axis is read backwards. */
    boolean isForward() {
        return Arrays.stream(steps).allMatch(step -> step > 0);
    }

    /** Whether elements are skipped or read backwards along an axis. */
    boolean isStepped(int axis) {
        return steps[axis] != 1;
    }

    /** Whether the axis stays as it is. */
    boolean isWhole(int axis) {
        return counts[axis] == shape[axis] && steps[axis] == 1;
    }

    /** Where along an axis the kept elements are, in the order of the result. */
    long[] positions(int axis) {
        if (counts[axis] > POSITIONS_MAX) {
            throw new GraphRefusedException("a Slice with steps that keeps " + counts[axis] + " places of an axis");
        }
        return LongStream.range(0, counts[axis])
                .map(i -> starts[axis] + i * steps[axis])
                .toArray();
    }

    /**
     * Zeros before and after the result that restore the shape of the operand: all befores, then all afters.
     *
     * @throws GraphRefusedException if elements were skipped or reversed
     */
    public long[] padding() {
        int rank = shape.length;
        long[] pads = new long[2 * rank];
        for (int axis = 0; axis < rank; axis++) {
            if (steps[axis] != 1) {
                throw new GraphRefusedException("the gradient of a Slice with steps is not supported");
            }
            pads[axis] = starts[axis];
            pads[rank + axis] = shape[axis] - starts[axis] - counts[axis];
        }
        return pads;
    }
}
