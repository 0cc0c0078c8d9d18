package dev.coppice.adapters;

import java.util.List;

/**
 * Name and shape of one float32 tensor; elements in row-major order.
 *
 * @param name as in the model's and the adapter's files, for example {@code score.weight}
 * @param shape sizes of the axes, each at least 1; empty for a scalar
 */
public record TensorSpec(String name, List<Integer> shape) {
    /** @throws IllegalArgumentException if the name is blank, an axis is not positive or there are 2^31 elements or more */
    public TensorSpec {
        shape = List.copyOf(shape);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a tensor needs a name");
        }
        long count = 1;
        for (int size : shape) {
            if (size < 1 || (count *= size) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("tensor " + name + " cannot have shape " + shape);
            }
        }
    }

    /** Number of elements. */
    public int count() {
        return shape.stream().reduce(1, (a, b) -> a * b);
    }
}
