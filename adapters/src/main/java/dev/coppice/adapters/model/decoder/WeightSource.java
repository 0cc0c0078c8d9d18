package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.ModelBuilder;

/** Where a decoder's weights come from. */
@FunctionalInterface
public interface WeightSource {
    /** Adds the weight of this name and shape to a model, under this name. */
    void addTo(ModelBuilder model, TensorSpec tensor);

    /**
     * Weights that are in memory.
     *
     * @throws IllegalArgumentException if they are not those of the shape
     */
    static WeightSource of(DecoderShape shape, AdapterWeights weights) {
        if (!weights.layout().equals(shape.layout())) {
            throw new IllegalArgumentException("the weights are not of this shape");
        }
        return (model, tensor) -> model.weight(tensor.name(), weights.tensor(tensor), sizes(tensor));
    }

    /** A tensor's shape as ONNX counts. */
    static long[] sizes(TensorSpec tensor) {
        return tensor.shape().stream().mapToLong(Integer::longValue).toArray();
    }
}
