package dev.coppice.adapters.runtime;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import java.util.Collection;
import java.util.List;

/** Tensors that training must leave alone, with the values that they keep. Immutable. */
final class HeldTensors {
    static final HeldTensors NONE = new HeldTensors(List.of(), new int[0], new float[0][]);

    private final List<TensorSpec> tensors;
    private final int[] offsets;
    private final float[][] values;

    private HeldTensors(List<TensorSpec> tensors, int[] offsets, float[][] values) {
        this.tensors = tensors;
        this.offsets = offsets;
        this.values = values;
    }

    /** @throws IllegalArgumentException if the weights have no such tensor */
    static HeldTensors of(Collection<TensorSpec> held, AdapterWeights weights) {
        List<TensorSpec> tensors = List.copyOf(held);
        int[] offsets = tensors.stream()
                .mapToInt(tensor -> weights.layout().offset(tensor.name()))
                .toArray();
        return new HeldTensors(
                tensors, offsets, tensors.stream().map(weights::tensor).toArray(float[][]::new));
    }

    boolean isEmpty() {
        return tensors.isEmpty();
    }

    /** Puts the values back, in the order of the weights' layout. */
    void restore(float[] flat) {
        for (int i = 0; i < offsets.length; i++) {
            System.arraycopy(values[i], 0, flat, offsets[i], values[i].length);
        }
    }
}
