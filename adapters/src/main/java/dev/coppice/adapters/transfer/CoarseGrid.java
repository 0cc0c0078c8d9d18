package dev.coppice.adapters.transfer;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import java.util.Optional;

/**
 * Equally spaced values, with 0 among them: {@code (float) (index * step)} for whole numbers. An adapter whose tensors each lie
 * on a grid of their own loses next to nothing and takes four bits a value to send.
 */
final class CoarseGrid {
    /** Indices fit into 16 bits, sign included. */
    static final int INDEX_MAX = Short.MAX_VALUE;

    /** How many values of a grid that was made elsewhere may lie between 0 and the smallest that occurs. */
    private static final int SKIPPED_MAX = 8;

    private final float step;

    /** @param step positive and finite */
    CoarseGrid(float step) {
        this.step = step;
    }

    /** Whether a number can be the distance of neighbours. */
    static boolean isStep(float number) {
        return number > 0 && Float.isFinite(number);
    }

    float step() {
        return step;
    }

    /** The value of an index. */
    float value(int index) {
        return (float) (index * (double) step);
    }

    /** The index of the nearest value, in the range of a {@code long} whatever the number; 0 for what is no number. */
    long nearest(float number) {
        return Math.round(number / (double) step);
    }

    /** Whether a number is one of the values, to the bit, with an index of at most {@value #INDEX_MAX}. */
    boolean has(float number) {
        long index = nearest(number);
        return Math.abs(index) <= INDEX_MAX
                && Float.floatToRawIntBits(value((int) index)) == Float.floatToRawIntBits(number);
    }

    /** The grid that all of these values lie on; empty if there is none with small indices. */
    static Optional<CoarseGrid> of(float[] values) {
        float smallest = Float.POSITIVE_INFINITY;
        for (float value : values) {
            if (value != 0 && Math.abs(value) < smallest) {
                smallest = Math.abs(value);
            }
        }
        if (smallest == Float.POSITIVE_INFINITY) { // nothing but zeros, or what is no number
            smallest = 1;
        }
        for (int index = 1; index <= SKIPPED_MAX; index++) {
            float step = smallest / index;
            for (float near : new float[] {step, Math.nextDown(step), Math.nextUp(step)}) {
                if (isStep(near) && new CoarseGrid(near).hasAll(values)) {
                    return Optional.of(new CoarseGrid(near));
                }
            }
        }
        return Optional.empty();
    }

    private boolean hasAll(float[] values) {
        for (float value : values) {
            if (!has(value)) {
                return false;
            }
        }
        return true;
    }

    /** Rounds each tensor to a grid. See {@link PackCoding#coarse}. */
    static AdapterWeights round(AdapterWeights weights, double stepByRms) {
        float[] values = weights.toArray();
        for (TensorSpec tensor : weights.layout().tensors()) {
            round(values, weights.layout().offset(tensor.name()), tensor.count(), stepByRms);
        }
        return AdapterWeights.of(weights.layout(), values);
    }

    private static void round(float[] values, int from, int count, double stepByRms) {
        double squares = 0;
        float largest = 0;
        for (int i = from; i < from + count; i++) {
            squares += (double) values[i] * values[i];
            largest = Math.max(largest, Math.abs(values[i]));
        }
        float step = (float) (stepByRms * Math.sqrt(squares / count));
        if (!isStep(step) || largest / step > INDEX_MAX) {
            return; // nothing but zeros, or values so unlike each other that no grid holds them
        }
        CoarseGrid grid = new CoarseGrid(step);
        for (int i = from; i < from + count; i++) {
            values[i] = grid.value((int) grid.nearest(values[i]));
        }
    }
}
