package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Weights beside a model file, as ONNX's external data describes them: location, offset, length. */
final class ExternalData {
    private final Path folder;

    ExternalData(Path model) {
        this.folder = model.toAbsolutePath().resolveSibling("").normalize();
    }

    /**
     * Makes the tensor's values raw data of its own, over the mapped file.
     *
     * @throws GraphRefusedException if they lie outside the model's folder, beyond the end of their file, or are too large
     */
    void moveIn(TensorProto.Builder tensor) throws IOException {
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
            // external data goes on telling where the values came from
            tensor.setRawData(map(channel, offset, length)).clearDataLocation();
        } catch (NumberFormatException e) {
            throw refused(tensor, "has a place in its file that is not a number");
        }
    }

    private static ByteString map(FileChannel channel, long offset, long length) throws IOException {
        return length == 0
                ? ByteString.EMPTY
                : UnsafeByteOperations.unsafeWrap(channel.map(FileChannel.MapMode.READ_ONLY, offset, length));
    }

    /** A file of the model's folder or of one inside it; links may not lead out either. */
    private Path file(TensorProto.Builder tensor) throws IOException {
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

    private static GraphRefusedException refused(TensorProto.Builder tensor, String why) {
        return new GraphRefusedException("weight " + tensor.getName() + " " + why);
    }

    private static String entry(TensorProto.Builder tensor, String key, String otherwise) {
        return tensor.getExternalDataList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse(otherwise);
    }
}
