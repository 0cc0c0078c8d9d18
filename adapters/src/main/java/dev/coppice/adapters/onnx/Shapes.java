package dev.coppice.adapters.onnx;

import java.util.Arrays;

/** Arithmetic on shapes and axes, as the ONNX operator documents define it. */
public final class Shapes {
    /** More elements than any tensor has; their bytes can still be counted. */
    private static final long COUNT_MAX = 1L << 56;

    private Shapes() {}

    /** Number of elements; 1 for a scalar. */
    public static long count(long... shape) {
        long count = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new GraphRefusedException("shape " + Arrays.toString(shape) + " has a negative axis");
            }
            if (size > 0 && count > COUNT_MAX / size) {
                throw new GraphRefusedException("shape " + Arrays.toString(shape) + " has too many elements");
            }
            count *= size;
        }
        return count;
    }

    /** The axis counted from the front; -1 means the last. */
    public static int axis(long axis, int rank) {
        long front = axis < 0 ? axis + rank : axis;
        if (front < 0 || front >= Math.max(rank, 1)) {
            throw new GraphRefusedException("axis " + axis + " does not exist in rank " + rank);
        }
        return (int) front;
    }

    /** The shape two operands broadcast to (multidirectional broadcasting). */
    public static long[] broadcast(long[] a, long[] b) {
        int rank = Math.max(a.length, b.length);
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) {
            long x = fromBack(a, rank - i);
            long y = fromBack(b, rank - i);
            if (x != y && x != 1 && y != 1) {
                throw new GraphRefusedException(
                        Arrays.toString(a) + " and " + Arrays.toString(b) + " do not broadcast");
            }
            shape[i] = x == 1 ? y : x;
        }
        return shape;
    }

    /** A copy with one axis set. */
    public static long[] with(long[] shape, int axis, long size) {
        long[] copy = shape.clone();
        copy[axis] = size;
        return copy;
    }

    /** The axes {@code from} (inclusive) to {@code to} (exclusive). */
    public static long[] part(long[] shape, int from, int to) {
        if (from < 0 || from > to || to > shape.length) {
            throw new GraphRefusedException("axes " + from + " to " + to + " do not exist in rank " + shape.length);
        }
        return Arrays.copyOfRange(shape, from, to);
    }

    public static long[] join(long[] first, long... second) {
        long[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static long fromBack(long[] shape, int distance) {
        return distance > shape.length ? 1 : shape[shape.length - distance];
    }
}
