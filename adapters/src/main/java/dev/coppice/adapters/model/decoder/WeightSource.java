package dev.coppice.adapters.model.decoder;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.onnx.Place;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Where a decoder's weights come from. */
@FunctionalInterface
public interface WeightSource {
    /** Pages, so that parts of a file can be mapped. */
    int ALIGNMENT = 4096;

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

    /** Puts a weight's values where they belong. */
    @FunctionalInterface
    interface Filler<E extends Exception> {
        /** Fills the buffer, which is as long as the tensor. */
        void fill(TensorSpec tensor, FloatBuffer values) throws IOException, E;
    }

    /**
     * Weights in a new file beside the model, which is written here; one tensor is in memory at a time, and that mapped.
     *
     * @throws IllegalArgumentException if a tensor has more than 2 GB
     */
    static <E extends Exception> WeightSource beside(DecoderShape shape, Path file, Filler<E> filler)
            throws IOException, E {
        Map<String, Place> places = new HashMap<>();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (TensorSpec tensor : shape.tensors()) {
                long offset = (channel.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                long bytes = (long) tensor.count() * Float.BYTES;
                if (bytes > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException(
                            "tensor '" + tensor.name() + "' has more than 2 GB, which one tensor may not have");
                }
                filler.fill(
                        tensor,
                        channel.map(MapMode.READ_WRITE, offset, bytes)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .asFloatBuffer());
                places.put(tensor.name(), new Place(String.valueOf(file.getFileName()), offset, bytes));
            }
        }
        return (model, tensor) ->
                model.weight(tensor.name(), Objects.requireNonNull(places.get(tensor.name())), sizes(tensor));
    }

    /** A tensor's shape as ONNX counts. */
    static long[] sizes(TensorSpec tensor) {
        return tensor.shape().stream().mapToLong(Integer::longValue).toArray();
    }
}
