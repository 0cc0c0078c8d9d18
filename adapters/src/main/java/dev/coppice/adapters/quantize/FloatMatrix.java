package dev.coppice.adapters.quantize;

import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Tensor;

/**
 * A stored matrix of a product, read as float32 [out, in] however it is stored. Its values may lie in a mapped file; a few
 * rows at a time are brought into memory. Not thread-safe.
 */
final class FloatMatrix {
    /** A cache line of what lies side by side where a matrix is stored [in, out]. */
    private static final int ROWS_AT_ONCE = 32;

    private final Tensor tensor;
    private final boolean transposed;
    private final int out;
    private final int in;
    private final float[] rows;
    private int first;
    private int end;

    /** @param transposed whether the tensor is [in, out] */
    FloatMatrix(Tensor tensor, boolean transposed) {
        this.tensor = tensor;
        this.transposed = transposed;
        this.out = (int) tensor.shape()[transposed ? 1 : 0];
        this.in = (int) tensor.shape()[transposed ? 0 : 1];
        this.rows = new float[Math.multiplyExact(Math.min(out, ROWS_AT_ONCE), in)];
    }

    int out() {
        return out;
    }

    int in() {
        return in;
    }

    /** The type that the weights have, and that scales beside them are to have. */
    ElementType type() {
        return tensor.type();
    }

    float at(int row, int column) {
        if (row < first || row >= end) {
            read(row);
        }
        return rows[(row - first) * in + column];
    }

    /** The grid for some weights of a row. */
    Grid grid(QuantizeSpec spec, int row, int from, int to) {
        float smallest = Float.POSITIVE_INFINITY;
        float largest = Float.NEGATIVE_INFINITY;
        for (int column = from; column < to; column++) {
            float weight = at(row, column);
            if (!Float.isFinite(weight)) {
                throw new ArithmeticException("a weight is not finite");
            }
            smallest = Math.min(smallest, weight);
            largest = Math.max(largest, weight);
        }
        return spec.symmetric()
                ? Grid.symmetric(spec.bits(), smallest, largest)
                : Grid.fitting(spec.bits(), smallest, largest);
    }

    private void read(int row) {
        first = row;
        end = Math.min(out, row + ROWS_AT_ONCE);
        for (int column = 0; column < in; column++) {
            for (int r = first; r < end; r++) {
                rows[(r - first) * in + column] = tensor.floatAt(transposed ? column * out + r : r * in + column);
            }
        }
    }
}
