package dev.coppice.adapters.format;

import static dev.coppice.adapters.format.Safetensors.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.TensorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The checked header of a safetensors file: its tensors in the order of their bytes, which leave no gap. */
final class SafetensorsHeader {
    private static final int NAME_LENGTH_MAX = 512;
    private static final int AXES_MAX = 8;

    private SafetensorsHeader() {}

    /** @param dataBytes what follows the header */
    static List<StoredTensor> tensors(JsonNode header, long dataBytes) throws FormatRefusedException {
        check(header.isObject(), "has a header that is no object");
        check(header.size() <= Safetensors.TENSORS_MAX + 1, "has too many tensors");
        List<StoredTensor> tensors = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (!Safetensors.reserved().contains(field.getKey())) {
                tensors.add(tensor(field.getKey(), field.getValue(), dataBytes));
            }
        }
        check(!tensors.isEmpty(), "has no tensors");
        tensors.sort(Comparator.comparingLong(StoredTensor::from));
        long end = 0;
        for (StoredTensor tensor : tensors) {
            check(tensor.from() == end, "has a gap or an overlap before " + quoted(tensor) + ", at data byte " + end);
            end = tensor.to();
        }
        check(end == dataBytes, "has " + dataBytes + " bytes of data where its header says " + end);
        return tensors;
    }

    private static StoredTensor tensor(String name, JsonNode node, long dataBytes) throws FormatRefusedException {
        check(!name.isBlank() && name.length() <= NAME_LENGTH_MAX, "has a tensor without a proper name");
        String tensor = "has a tensor '" + name + "' ";
        check(node.isObject() && node.size() == 3, tensor + "that is described in a way that is not known");
        String stored = node.path("dtype").asText();
        Optional<StoredType> type = StoredType.find(stored);
        check(type.isPresent(), tensor + "of type " + shortened(stored) + ", not F32, F16 or BF16");
        List<Long> shape = whole(tensor, node.path("shape"), AXES_MAX);
        List<Long> offsets = whole(tensor, node.path("data_offsets"), 2);
        check(offsets.size() == 2, tensor + "without an end");
        long count = 1;
        for (long size : shape) {
            check(size >= 1 && size <= Integer.MAX_VALUE, tensor + "with an empty or huge axis");
            count *= size;
            check(count <= Integer.MAX_VALUE, tensor + "of 2^31 values or more");
        }
        long bytes = count * type.orElseThrow().bytes();
        check(offsets.get(1) <= dataBytes, tensor + "that ends after the file, at data byte " + offsets.get(1));
        check(offsets.get(1) - offsets.get(0) == bytes, tensor + "whose shape and bytes differ");
        TensorSpec spec =
                new TensorSpec(name, shape.stream().map(Long::intValue).toList());
        return new StoredTensor(spec, type.orElseThrow(), offsets.get(0), offsets.get(1));
    }

    private static List<Long> whole(String tensor, JsonNode array, int sizeMax) throws FormatRefusedException {
        check(array.isArray() && array.size() <= sizeMax, tensor + "with a broken shape");
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : array) {
            boolean fits = number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
            check(fits, tensor + "with a number out of range");
            numbers.add(number.longValue());
        }
        return numbers;
    }

    private static String quoted(StoredTensor tensor) {
        return "'" + tensor.tensor().name() + "'";
    }

    private static String shortened(String text) {
        return text.length() <= 20 ? text : text.substring(0, 20) + "...";
    }
}
