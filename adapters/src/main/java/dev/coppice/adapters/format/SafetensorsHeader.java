package dev.coppice.adapters.format;

import static dev.coppice.adapters.format.Safetensors.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The checked header of a safetensors file: its tensors in the order of their bytes, which leave no gap. */
final class SafetensorsHeader {
    private static final int NAME_LENGTH_MAX = 512;
    private static final int AXES_MAX = 8;

    /** Where a tensor's bytes are, counted from the end of the header. */
    private record Entry(TensorSpec tensor, long from, long to) {}

    private final List<Entry> entries;

    private SafetensorsHeader(List<Entry> entries) {
        this.entries = entries;
    }

    static SafetensorsHeader parse(JsonNode header, long dataBytes) throws FormatRefusedException {
        check(header.isObject(), "has a header that is no object");
        check(header.size() <= Safetensors.TENSORS_MAX + 1, "has too many tensors");
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (!Safetensors.reserved().contains(field.getKey())) {
                entries.add(entry(field.getKey(), field.getValue()));
            }
        }
        check(!entries.isEmpty(), "has no tensors");
        entries.sort(Comparator.comparingLong(Entry::from));
        long end = 0;
        for (Entry entry : entries) {
            check(entry.from() == end, "has gaps or overlaps between tensors");
            end = entry.to();
        }
        check(end == dataBytes, "is cut off or has bytes that belong to no tensor");
        return new SafetensorsHeader(entries);
    }

    /** Reads the values in the order of the layout. */
    AdapterWeights values(ByteBuffer data) throws FormatRefusedException {
        ParameterLayout layout =
                ParameterLayout.of(entries.stream().map(Entry::tensor).toList());
        float[] values = new float[layout.count()];
        ByteBuffer bytes = data.order(ByteOrder.LITTLE_ENDIAN);
        for (Entry entry : entries) {
            bytes.position((int) entry.from());
            bytes.asFloatBuffer()
                    .get(
                            values,
                            layout.offset(entry.tensor().name()),
                            entry.tensor().count());
        }
        for (float value : values) {
            check(Float.isFinite(value), "holds a value that is not finite");
        }
        return AdapterWeights.of(layout, values);
    }

    private static Entry entry(String name, JsonNode node) throws FormatRefusedException {
        check(!name.isBlank() && name.length() <= NAME_LENGTH_MAX, "has a tensor without a proper name");
        check(node.isObject() && node.size() == 3, "describes a tensor in a way that is not known");
        check("F32".equals(node.path("dtype").asText()), "holds something else than float32");
        List<Long> shape = whole(node.path("shape"), AXES_MAX);
        List<Long> offsets = whole(node.path("data_offsets"), 2);
        check(offsets.size() == 2, "has a tensor without an end");
        long count = 1;
        for (long size : shape) {
            check(size >= 1 && size <= Safetensors.BYTES_MAX, "has a tensor with an empty or huge axis");
            count *= size;
            check(count <= Safetensors.BYTES_MAX / Float.BYTES, "has a huge tensor");
        }
        check(offsets.get(1) - offsets.get(0) == count * Float.BYTES, "has a tensor whose shape and bytes differ");
        return new Entry(
                new TensorSpec(name, shape.stream().map(Long::intValue).toList()), offsets.get(0), offsets.get(1));
    }

    private static List<Long> whole(JsonNode array, int sizeMax) throws FormatRefusedException {
        check(array.isArray() && array.size() <= sizeMax, "has a tensor with a broken shape");
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : array) {
            check(
                    number.isIntegralNumber()
                            && number.canConvertToLong()
                            && number.longValue() >= 0
                            && number.longValue() <= Safetensors.BYTES_MAX,
                    "has a number out of range");
            numbers.add(number.longValue());
        }
        return numbers;
    }
}
