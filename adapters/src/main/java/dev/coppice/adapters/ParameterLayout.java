package dev.coppice.adapters;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order of tensors in a flat vector of parameters: sorted by name (UTF-16 code units), row-major, no gaps.
 * Every flat vector that describes the same adapter (weights, updates, sums) has this order.
 */
public final class ParameterLayout {
    private final List<TensorSpec> tensors;
    private final Map<String, Integer> offsets;
    private final int count;

    private ParameterLayout(List<TensorSpec> tensors) {
        this.tensors = tensors;
        this.offsets = new LinkedHashMap<>();
        long end = 0;
        for (TensorSpec tensor : tensors) {
            if (offsets.put(tensor.name(), (int) end) != null) {
                throw new IllegalArgumentException("two tensors are named " + tensor.name());
            }
            end += tensor.count();
            if (end > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a layout holds fewer than 2^31 values");
            }
        }
        this.count = (int) end;
    }

    /**
     * The layout of these tensors, which may come in any order.
     *
     * @throws IllegalArgumentException if two have one name or there are 2^31 values or more
     */
    public static ParameterLayout of(List<TensorSpec> tensors) {
        List<TensorSpec> sorted = new ArrayList<>(tensors);
        sorted.sort(Comparator.comparing(TensorSpec::name));
        return new ParameterLayout(List.copyOf(sorted));
    }

    /** The tensors in the order of the flat vector. */
    public List<TensorSpec> tensors() {
        return tensors;
    }

    /** Length of the flat vector. */
    public int count() {
        return count;
    }

    /**
     * Index of a tensor's first element in the flat vector.
     *
     * @throws IllegalArgumentException if no tensor has this name
     */
    public int offset(String name) {
        Integer offset = offsets.get(name);
        if (offset == null) {
            throw new IllegalArgumentException("no tensor is named " + name);
        }
        return offset;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ParameterLayout that && tensors.equals(that.tensors);
    }

    @Override
    public int hashCode() {
        return tensors.hashCode();
    }

    @Override
    public String toString() {
        return tensors.toString();
    }
}
