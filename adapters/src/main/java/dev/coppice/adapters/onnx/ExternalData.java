package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Weights beside a model file, as ONNX's external data describes them: location, offset, length. */
final class ExternalData {
    private final Path folder;
    private final Map<String, Long> files = new HashMap<>();

    ExternalData(Path model) {
        this.folder = model.toAbsolutePath().resolveSibling("").normalize();
    }

    /**
     * The tensor's values, mapped from their file.
     *
     * @throws GraphRefusedException if they lie outside the model's folder, beyond the end of their file, are too large
     *     or not as many as the tensor's type and shape say
     */
    Tensor mapped(TensorProto tensor) throws IOException {
        Path file = file(tensor);
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            long offset = Long.parseLong(entry(tensor, "offset", "0"));
            long length = Long.parseLong(entry(tensor, "length", Long.toString(size - offset)));
            if (offset < 0 || length < 0 || length > size - offset) {
                throw refused(tensor, "lies beyond the end of its file");
            }
            if (length > Integer.MAX_VALUE) {
                throw refused(tensor, "has more than 2 GB, which one tensor may not have");
            }
            files.put(entry(tensor, "location", ""), size);
            ElementType type = ElementType.ofCode(tensor.getDataType());
            long[] shape =
                    tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
            return Tensor.ofData(type, channel.map(FileChannel.MapMode.READ_ONLY, offset, length), shape)
                    .at(new Place(entry(tensor, "location", ""), offset, length));
        } catch (NumberFormatException e) {
            throw refused(tensor, "has a place in its file that is not a number");
        }
    }

    /** Sizes in bytes of the files that tensors were mapped from, by the names that the model has for them. */
    Map<String, Long> files() {
        return Map.copyOf(files);
    }

    /** A file of the model's folder or of one inside it; links may not lead out either. */
    private Path file(TensorProto tensor) throws IOException {
        String location = entry(tensor, "location", "");
        try {
            Path file = folder.resolve(location).normalize();
            if (location.isEmpty() || !file.startsWith(folder) || file.equals(folder)) {
                throw refused(tensor, "lies outside the model's folder");
            }
            if (!Files.isRegularFile(file)) {
                throw refused(tensor, "lies in a file that is not there: " + location);
            }
            if (!file.toRealPath().startsWith(folder.toRealPath())) {
                throw refused(tensor, "lies outside the model's folder");
            }
            return file;
        } catch (InvalidPathException e) {
            throw refused(tensor, "lies in a file with an impossible name");
        }
    }

    private static GraphRefusedException refused(TensorProto tensor, String why) {
        return new GraphRefusedException("weight " + tensor.getName() + " " + why);
    }

    private static String entry(TensorProto tensor, String key, String otherwise) {
        return tensor.getExternalDataList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse(otherwise);
    }
}
