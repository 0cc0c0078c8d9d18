package dev.coppice.adapters.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A file in two parts: what stands before its values, and the values. A safetensors file of float32 has both; any other is a
 * first part alone.
 */
final class Tensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEADER_BYTES_MAX = 1 << 22;

    private final byte[] file;
    private final int valuesFrom;
    private final List<Integer> counts;

    private Tensors(byte[] file, int valuesFrom, List<Integer> counts) {
        this.file = file;
        this.valuesFrom = valuesFrom;
        this.counts = counts;
    }

    static Tensors in(byte[] file) {
        int from = valuesFrom(file);
        List<Integer> counts = from < 0 ? List.of() : counts(file, from);
        return counts.isEmpty() ? new Tensors(file, file.length, counts) : new Tensors(file, from, counts);
    }

    /** What stands before the values. */
    byte[] before() {
        byte[] before = new byte[valuesFrom];
        System.arraycopy(file, 0, before, 0, valuesFrom);
        return before;
    }

    /** How many values each tensor has, in the order of the file. */
    List<Integer> counts() {
        return counts;
    }

    /** How many values there are. */
    int count() {
        return (file.length - valuesFrom) / Float.BYTES;
    }

    /** Values from a place on. */
    float[] values(int from, int count) {
        float[] values = new float[count];
        ByteBuffer.wrap(file, valuesFrom + from * Float.BYTES, count * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** Where values begin by what the file says; -1 if it says nothing of the kind. */
    private static int valuesFrom(byte[] file) {
        if (file.length < Long.BYTES) {
            return -1;
        }
        long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        boolean fits = header >= 2
                && header <= Math.min(HEADER_BYTES_MAX, file.length - Long.BYTES)
                && (file.length - Long.BYTES - header) % Float.BYTES == 0;
        return fits ? Long.BYTES + (int) header : -1;
    }

    private static List<Integer> counts(byte[] file, int from) {
        try {
            List<Long> ends = new ArrayList<>();
            for (JsonNode tensor : JSON.readTree(file, Long.BYTES, from - Long.BYTES)) {
                if (tensor.has("dtype")) {
                    if (!tensor.path("dtype").asText().equals("F32")) {
                        return List.of();
                    }
                    ends.add(tensor.path("data_offsets").path(1).asLong(-1));
                }
            }
            ends.sort(null);
            List<Integer> counts = new ArrayList<>();
            long before = 0;
            for (long end : ends) {
                if (end <= before || end > file.length - from || end % Float.BYTES != 0) {
                    return List.of();
                }
                counts.add((int) ((end - before) / Float.BYTES));
                before = end;
            }
            return before == file.length - from ? List.copyOf(counts) : List.of();
        } catch (IOException e) {
            return List.of(); // no JSON: a file of another kind
        }
    }
}
