package dev.coppice.adapters;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Values of an adapter's trainable parameters in the order of its layout. Immutable; arrays are copied in and out. */
public final class AdapterWeights {
    private final ParameterLayout layout;
    private final float[] values;

    private AdapterWeights(ParameterLayout layout, float[] values) {
        this.layout = layout;
        this.values = values;
    }

    /**
     * Weights in a layout.
     *
     * @throws IllegalArgumentException if there are not exactly {@code layout.count()} values
     */
    public static AdapterWeights of(ParameterLayout layout, float[] values) {
        checkCount(layout, values.length);
        return new AdapterWeights(layout, values.clone());
    }

    public ParameterLayout layout() {
        return layout;
    }

    /** A copy of all values. */
    public float[] toArray() {
        return values.clone();
    }

    /** A copy of one tensor's values, row-major. */
    public float[] tensor(TensorSpec tensor) {
        int offset = layout.offset(tensor.name());
        return Arrays.copyOfRange(values, offset, offset + tensor.count());
    }

    /** These weights moved by an update of the same length. */
    public AdapterWeights plus(float[] delta) {
        checkCount(layout, delta.length);
        float[] sum = values.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += delta[i];
        }
        return new AdapterWeights(layout, sum);
    }

    /** The update that leads from {@code other} to these weights. */
    public float[] minus(AdapterWeights other) {
        if (!layout.equals(other.layout)) {
            throw new IllegalArgumentException("the two adapters differ in layout");
        }
        float[] difference = values.clone();
        for (int i = 0; i < difference.length; i++) {
            difference[i] -= other.values[i];
        }
        return difference;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AdapterWeights that && layout.equals(that.layout) && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * layout.hashCode() + Arrays.hashCode(values);
    }

    /** Says how many values there are, never what they are. */
    @Override
    public String toString() {
        return "AdapterWeights[" + values.length + " values]";
    }

    private static void checkCount(ParameterLayout layout, int count) {
        if (count != layout.count()) {
            throw new IllegalArgumentException("expected " + layout.count() + " values, not " + count);
        }
    }
}
