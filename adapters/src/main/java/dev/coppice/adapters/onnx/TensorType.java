package dev.coppice.adapters.onnx;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Element type and static shape of a value. Immutable. */
public final class TensorType {
    private static final int RANK_MAX = 32;

    private final ElementType element;
    private final long[] shape;

    private TensorType(ElementType element, long[] shape) {
        if (shape.length > RANK_MAX) {
            throw new GraphRefusedException("a tensor of " + shape.length + " axes");
        }
        Shapes.count(shape);
        this.element = element;
        this.shape = shape.clone();
    }

    public static TensorType of(ElementType element, long... shape) {
        return new TensorType(element, shape);
    }

    public ElementType element() {
        return element;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Bytes of all elements in raw data. */
    public long bytes() {
        return element.bytes(Shapes.count(shape));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TensorType that && element == that.element && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return 31 * element.hashCode() + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return element + Arrays.toString(shape);
    }
}
