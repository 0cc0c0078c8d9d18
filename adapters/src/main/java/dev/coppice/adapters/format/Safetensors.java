package dev.coppice.adapters.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Float tensors in the safetensors format: the header's length (8 bytes, little-endian), the header (JSON), the values
 * (little-endian, no gaps). Written as float32 with tensors sorted by name, so equal weights give equal bytes. Read from
 * float32, float16 and bfloat16 with
 * hard limits, before anything is allocated: {@value #BYTES_MAX} bytes in all, {@value #HEADER_BYTES_MAX} bytes of
 * header, {@value #TENSORS_MAX} tensors. Format: the README of Hugging Face's safetensors repository.
 */
public final class Safetensors {
    public static final int BYTES_MAX = 512 << 20;
    public static final int HEADER_BYTES_MAX = 4 << 20;
    public static final int TENSORS_MAX = 10_000;

    private static final int ALIGNMENT = 8;
    private static final String METADATA = "__metadata__";
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(4)
                            .maxStringLength(HEADER_BYTES_MAX)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Safetensors() {}

    /** The weights as a file's bytes. */
    public static byte[] write(AdapterWeights weights) {
        return write(weights, Map.of());
    }

    /** The weights as a file's bytes, with free text about them; readers here ignore it. */
    public static byte[] write(AdapterWeights weights, Map<String, String> metadata) {
        byte[] header = header(weights.layout(), metadata);
        float[] values = weights.toArray();
        ByteBuffer bytes = ByteBuffer.allocate(
                        Math.addExact(Long.BYTES + header.length, Math.multiplyExact(values.length, Float.BYTES)))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header).asFloatBuffer().put(values);
        return bytes.array();
    }

    /**
     * The weights in a file. Their layout is what the file says.
     *
     * @throws FormatRefusedException if the bytes break the format or a limit, or hold a value that is not finite
     */
    public static AdapterWeights read(byte[] file) throws FormatRefusedException {
        check(file.length >= Long.BYTES && file.length <= BYTES_MAX, "has a length out of range");
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = headerBytes(bytes.getLong(), bytes.remaining());
        byte[] header = Arrays.copyOfRange(file, Long.BYTES, Long.BYTES + headerBytes);
        bytes.position(Long.BYTES + headerBytes);
        return values(SafetensorsHeader.tensors(parse(header), bytes.remaining()), bytes);
    }

    /**
     * The weights in a file that must have exactly this layout.
     *
     * @throws FormatRefusedException as {@link #read(byte[])}, or if names or shapes differ
     */
    public static AdapterWeights read(byte[] file, ParameterLayout expected) throws FormatRefusedException {
        AdapterWeights weights = read(file);
        check(weights.layout().equals(expected), "holds other tensors than expected");
        return weights;
    }

    static void check(boolean fits, String problem) throws FormatRefusedException {
        if (!fits) {
            throw new FormatRefusedException("a safetensors file " + problem);
        }
    }

    /** Bytes of a header that says it has so many, where so many bytes follow. */
    static int headerBytes(long said, long following) throws FormatRefusedException {
        check(
                said >= 2 && said <= Math.min(HEADER_BYTES_MAX, following),
                "says that its header has " + said + " bytes, where " + following + " follow");
        return (int) said;
    }

    /** Values in the order of the layout, from bytes that leave no gap. */
    private static AdapterWeights values(List<StoredTensor> tensors, ByteBuffer bytes) throws FormatRefusedException {
        ParameterLayout layout =
                ParameterLayout.of(tensors.stream().map(StoredTensor::tensor).toList());
        float[] values = new float[layout.count()];
        for (StoredTensor stored : tensors) {
            TensorSpec tensor = stored.tensor();
            int from = layout.offset(tensor.name());
            for (int i = from; i < from + tensor.count(); i++) {
                values[i] = stored.type().next(bytes);
                check(Float.isFinite(values[i]), "has a value in '" + tensor.name() + "' that is not finite");
            }
        }
        return AdapterWeights.of(layout, values);
    }

    static JsonNode parse(byte[] header) throws FormatRefusedException {
        try {
            return JSON.readTree(header);
        } catch (IOException e) {
            throw new FormatRefusedException("a safetensors file has a header that is not JSON", e);
        }
    }

    private static byte[] header(ParameterLayout layout, Map<String, String> metadata) {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode about = header.putObject(METADATA);
            metadata.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(e -> about.put(e.getKey(), e.getValue()));
        }
        for (TensorSpec tensor : layout.tensors()) {
            ObjectNode entry = header.putObject(tensor.name()).put("dtype", "F32");
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            long from = (long) layout.offset(tensor.name()) * Float.BYTES;
            entry.putArray("data_offsets").add(from).add(from + (long) tensor.count() * Float.BYTES);
        }
        return padded(bytes(header));
    }

    /** Spaces after the JSON, so that values start at a multiple of {@value #ALIGNMENT} bytes. */
    private static byte[] padded(byte[] json) {
        byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static byte[] bytes(ObjectNode header) {
        try {
            return JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always JSON", e);
        }
    }

    /** Names that are not tensors. */
    static List<String> reserved() {
        return List.of(METADATA);
    }
}
