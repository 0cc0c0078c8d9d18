package dev.coppice.adapters.quantize;

import dev.coppice.adapters.onnx.Tensor;
import java.nio.FloatBuffer;

/** A stored matrix of a product, read as [out, in] however it is stored. Its values may lie in a mapped file. */
final class FloatMatrix {
    private final FloatBuffer values;
    private final boolean transposed;
    private final int out;
    private final int in;

    /** @param transposed whether the tensor is [in, out] */
    FloatMatrix(Tensor tensor, boolean transposed) {
        this.values = tensor.data().asFloatBuffer();
        this.transposed = transposed;
        this.out = (int) tensor.shape()[transposed ? 1 : 0];
        this.in = (int) tensor.shape()[transposed ? 0 : 1];
    }

    int out() {
        return out;
    }

    int in() {
        return in;
    }

    float at(int row, int column) {
        return values.get(transposed ? column * out + row : row * in + column);
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
}
