package dev.coppice.adapters.onnx;

/** Moves the elements of small constant tensors as the operators of the same names do. */
final class Moves {
    private Moves() {}

    static long[] broadcast(Value from, long[] shape) {
        long[] source = from.longs();
        long[] strides = strides(from.shape());
        int missing = shape.length - from.rank();
        return collect(shape, index -> {
            long position = 0;
            for (int axis = 0; axis < from.rank(); axis++) {
                position += from.size(axis) == 1 ? 0 : index[axis + missing] * strides[axis];
            }
            return source[(int) position];
        });
    }

    static long[] transpose(Call call, long[] shape) {
        long[] source = call.input(0).longs();
        long[] strides = strides(call.input(0).shape());
        long[] permutation = MovingShapes.permutation(call);
        return collect(shape, index -> {
            long position = 0;
            for (int axis = 0; axis < index.length; axis++) {
                position += index[axis] * strides[(int) permutation[axis]];
            }
            return source[(int) position];
        });
    }

    static long[] slice(Call call, long[] shape) {
        SliceRange range = SliceRange.of(call);
        long[] source = call.input(0).longs();
        long[] strides = strides(call.input(0).shape());
        return collect(shape, index -> {
            long position = 0;
            for (int axis = 0; axis < index.length; axis++) {
                position += (range.start(axis) + index[axis] * range.step(axis)) * strides[axis];
            }
            return source[(int) position];
        });
    }

    static long[] gather(Call call, long[] shape) {
        Value data = call.input(0);
        Value indices = call.input(1);
        int axis = Shapes.axis(call.attributes().integerOr("axis", 0), data.rank());
        long outer = Shapes.count(Shapes.part(data.shape(), 0, axis));
        long inner = Shapes.count(Shapes.part(data.shape(), axis + 1, data.rank()));
        long[] source = data.longs();
        long[] result = new long[(int) Shapes.count(shape)];
        int to = 0;
        for (long o = 0; o < outer; o++) {
            for (long index : indices.longs()) {
                long row = o * data.size(axis) + Shapes.axis(index, (int) data.size(axis));
                for (long i = 0; i < inner; i++) {
                    result[to++] = source[(int) (row * inner + i)];
                }
            }
        }
        return result;
    }

    static long[] concat(Call call, long[] shape) {
        int axis = Shapes.axis(call.attributes().integer("axis"), shape.length);
        int outer = (int) Shapes.count(Shapes.part(shape, 0, axis));
        long[] result = new long[(int) Shapes.count(shape)];
        int to = 0;
        for (int o = 0; o < outer; o++) {
            for (Value part : call.inputs()) {
                long[] source = part.longs();
                int run = source.length / outer;
                System.arraycopy(source, o * run, result, to, run);
                to += run;
            }
        }
        return result;
    }

    /** The element at a position given by one index per axis. */
    @FunctionalInterface
    private interface Element {
        long at(long[] index);
    }

    private static long[] collect(long[] shape, Element element) {
        long[] result = new long[(int) Shapes.count(shape)];
        long[] index = new long[shape.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = element.at(index);
            for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
                index[axis] = 0;
            }
        }
        return result;
    }

    private static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }
}
