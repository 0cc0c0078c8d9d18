package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A pair of an input and an output through which a decoder remembers what it has read: keys or values
 * [batch, heads, past, width], or both in one [2, batch, heads, past, width].
 *
 * @param input such as {@code past_key_values.0.key} or {@code past_0}
 * @param output such as {@code present.0.key} or {@code present_0}
 * @param empty shape of the input for one text of which nothing has been read
 */
record CachePort(String input, String output, ElementType element, List<Long> empty) {
    private static final String PAST = "past";
    private static final List<String> PASTS = List.of("past_key_values", PAST);
    private static final List<String> PRESENTS = List.of("present", "present_key_values");

    /** Batch, heads, past and width, counted from the last. */
    private static final int AXES = 4;

    CachePort {
        empty = List.copyOf(empty);
    }

    /**
     * The pair that an input belongs to; empty if it is no input of this kind.
     *
     * @throws GraphRefusedException if it is, but its output is missing or its shape is not of a known form
     */
    static Optional<CachePort> find(ValueInfoProto input, Set<String> outputs) {
        String name = input.getName();
        if (!name.startsWith(PAST)) {
            return Optional.empty();
        }
        String part = PASTS.stream()
                .filter(name::startsWith)
                .map(past -> name.substring(past.length()))
                .findFirst()
                .orElseThrow();
        String output = PRESENTS.stream()
                .map(present -> present + part)
                .filter(outputs::contains)
                .findFirst()
                .orElseThrow(() -> new GraphRefusedException(
                        "the model has an input " + name + " but no output present" + part + " that would fill it"));
        TypeProto.Tensor type = input.getType().getTensorType();
        return Optional.of(new CachePort(name, output, ElementType.ofCode(type.getElemType()), empty(name, type)));
    }

    /** Shape of the input before anything has been read of so many texts. */
    long[] emptyShape(int batch) {
        long[] shape = empty.stream().mapToLong(Long::longValue).toArray();
        shape[shape.length - AXES] = batch;
        return shape;
    }

    private static List<Long> empty(String name, TypeProto.Tensor type) {
        int rank = type.getShape().getDimCount();
        List<Long> empty = new ArrayList<>();
        for (Dimension axis : type.getShape().getDimList()) {
            int fromEnd = rank - empty.size();
            long size = fromEnd == AXES ? 1 : fromEnd == 2 ? 0 : axis.getDimValue();
            if (rank < AXES || rank > AXES + 1 || (size < 1 && fromEnd != 2)) {
                throw new GraphRefusedException(
                        "the input " + name + " is not [batch, heads, past, width] with known heads"
                                + " and width, nor a pair of such in one");
            }
            empty.add(size);
        }
        return empty;
    }
}
