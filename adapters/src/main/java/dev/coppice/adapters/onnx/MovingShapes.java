package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Shapes of operators that only move elements about. */
final class MovingShapes {
    private MovingShapes() {}

    static long[] reshape(Call call) {
        Value data = call.input(0);
        long[] shape = call.input(1).longs();
        int open = -1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == 0 && call.attributes().integerOr("allowzero", 0) == 0) {
                shape[i] = data.size(i);
            }
            open = shape[i] == -1 ? i : open;
        }
        if (open >= 0) {
            shape[open] = 1;
            shape[open] = data.count() / Math.max(1, Shapes.count(shape));
        }
        if (Shapes.count(shape) != data.count()) {
            throw new GraphRefusedException(data + " cannot become " + Arrays.toString(shape));
        }
        return shape;
    }

    static long[] flatten(Call call) {
        Value data = call.input(0);
        long axis = call.attributes().integerOr("axis", 1);
        int front = (int) (axis < 0 ? axis + data.rank() : axis);
        return new long[] {
            Shapes.count(Shapes.part(data.shape(), 0, front)),
            Shapes.count(Shapes.part(data.shape(), front, data.rank()))
        };
    }

    static long[] transpose(Call call) {
        Value data = call.input(0);
        long[] permutation = permutation(call);
        long[] shape = new long[permutation.length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = data.size((int) permutation[i]);
        }
        return shape;
    }

    /** Where each axis of the result comes from; without the attribute axes are reversed. */
    static long[] permutation(Call call) {
        int rank = call.input(0).rank();
        long[] reversed = new long[rank];
        for (int i = 0; i < rank; i++) {
            reversed[i] = rank - 1L - i;
        }
        long[] permutation = call.attributes().findIntegers("perm").orElse(reversed);
        if (Arrays.stream(permutation).distinct().count() != rank || permutation.length != rank) {
            throw new GraphRefusedException("Transpose does not permute all axes");
        }
        return permutation;
    }

    static long[] unsqueeze(Call call) {
        long[] axes = call.input(1).longs();
        long[] shape = call.input(0).shape();
        int rank = shape.length + axes.length;
        Set<Integer> added = new TreeSet<>();
        for (long axis : axes) {
            added.add(Shapes.axis(axis, rank));
        }
        long[] result = new long[rank];
        for (int i = 0, from = 0; i < rank; i++) {
            result[i] = added.contains(i) ? 1 : shape[from++];
        }
        return result;
    }

    static long[] squeeze(Call call) {
        Value data = call.input(0);
        Set<Integer> dropped = new TreeSet<>();
        if (call.has(1)) {
            for (long axis : call.input(1).longs()) {
                dropped.add(Shapes.axis(axis, data.rank()));
            }
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < data.rank(); i++) {
            boolean drop = call.has(1) ? dropped.contains(i) : data.size(i) == 1;
            if (drop && data.size(i) != 1) {
                throw new GraphRefusedException("Squeeze of an axis of size " + data.size(i));
            }
            if (!drop) {
                shape.add(data.size(i));
            }
        }
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    static long[] tile(Call call) {
        long[] shape = call.input(0).shape();
        long[] repeats = call.input(1).longs();
        for (int i = 0; i < shape.length; i++) {
            shape[i] *= repeats[i];
        }
        return shape;
    }

    static long[] pad(Call call) {
        long[] shape = call.input(0).shape();
        long[] pads = call.input(1).longs();
        if (pads.length != 2 * shape.length || call.has(3)) {
            throw new GraphRefusedException("Pad of some axes only is not supported");
        }
        for (int i = 0; i < shape.length; i++) {
            shape[i] += pads[i] + pads[i + shape.length];
        }
        return shape;
    }

    static long[] concat(Call call) {
        long[] shape = call.input(0).shape();
        int axis = Shapes.axis(call.attributes().integer("axis"), shape.length);
        shape[axis] = 0;
        for (Value part : call.inputs()) {
            long[] others = part.shape();
            if (others.length != shape.length
                    || !Arrays.equals(Shapes.with(others, axis, 0), Shapes.with(shape, axis, 0))) {
                throw new GraphRefusedException("Concat of parts that do not fit");
            }
            shape[axis] += others[axis];
        }
        return shape;
    }

    static List<TensorType> split(Call call) {
        Value data = call.input(0);
        int axis = Shapes.axis(call.attributes().integerOr("axis", 0), data.rank());
        List<TensorType> types = new ArrayList<>();
        for (long size : splitSizes(call, data.size(axis))) {
            types.add(TensorType.of(data.element(), Shapes.with(data.shape(), axis, size)));
        }
        return types;
    }

    private static long[] splitSizes(Call call, long whole) {
        if (call.has(1)) {
            long[] sizes = call.input(1).longs();
            if (Arrays.stream(sizes).sum() != whole) {
                throw new GraphRefusedException("Split does not cover its axis");
            }
            return sizes;
        }
        long parts = call.attributes().integer("num_outputs");
        long size = (whole + parts - 1) / parts;
        long[] sizes = new long[(int) parts];
        Arrays.fill(sizes, size);
        sizes[sizes.length - 1] = whole - size * (parts - 1);
        return sizes;
    }

    static long[] gather(Call call) {
        Value data = call.input(0);
        int axis = Shapes.axis(call.attributes().integerOr("axis", 0), data.rank());
        long[] front =
                Shapes.join(Shapes.part(data.shape(), 0, axis), call.input(1).shape());
        return Shapes.join(front, Shapes.part(data.shape(), axis + 1, data.rank()));
    }

    /** Each index row names the first axes (after the batch axes) of what it picks. */
    static long[] gatherNd(Call call) {
        long[] data = call.input(0).shape();
        long[] indices = call.input(1).shape();
        int shared = (int) call.attributes().integerOr("batch_dims", 0);
        int named = shared + (int) indices[indices.length - 1];
        if (named > data.length || shared >= indices.length) {
            throw new GraphRefusedException("GatherND names more axes than there are");
        }
        return Shapes.join(Shapes.part(indices, 0, indices.length - 1), Shapes.part(data, named, data.length));
    }
}
