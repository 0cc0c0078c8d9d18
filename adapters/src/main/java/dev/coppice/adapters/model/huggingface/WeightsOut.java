package dev.coppice.adapters.model.huggingface;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.onnx.ModelBuilder;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Brings stored weights into the form of {@link DecoderShape}: inside the model, or in a file beside it. */
final class WeightsOut {
    private final StoredWeights stored;

    WeightsOut(StoredWeights stored) {
        this.stored = stored;
    }

    /** All weights in memory. */
    WeightSource inside(DecoderShape shape) throws IOException, ModelRefusedException {
        Map<String, float[]> values = new HashMap<>();
        for (TensorSpec tensor : shape.tensors()) {
            float[] all = new float[tensor.count()];
            copy(tensor, FloatBuffer.wrap(all));
            values.put(tensor.name(), all);
        }
        return (ModelBuilder model, TensorSpec tensor) -> model.weight(
                tensor.name(), Objects.requireNonNull(values.get(tensor.name())), WeightSource.sizes(tensor));
    }

    /** All weights in a new file beside the model. */
    WeightSource beside(DecoderShape shape, Path file) throws IOException, ModelRefusedException {
        return WeightSource.beside(shape, file, this::copy);
    }

    /** Products are stored [out, in] there and [in, out] here. */
    private void copy(TensorSpec tensor, FloatBuffer to) throws IOException, ModelRefusedException {
        if (tensor.shape().size() == 2 && !tensor.name().equals(DecoderShape.EMBEDDING)) {
            TensorSpec turned = new TensorSpec(
                    tensor.name(), List.of(tensor.shape().get(1), tensor.shape().get(0)));
            stored.require(turned);
            stored.copyTransposed(turned, to);
        } else {
            stored.require(tensor);
            stored.copy(tensor, to);
        }
    }
}
