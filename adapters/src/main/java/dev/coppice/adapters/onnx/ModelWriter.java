package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes model files: small models as one file, large ones with their weights in a second file beside it. */
public final class ModelWriter {
    /** The most that is written as one file; the format ends at 2 GB, and one file is easier to handle. */
    private static final long INSIDE_BYTES_MAX = 512L << 20;

    /** Smaller tensors, such as shapes, stay in the model's own file, where all tools look for them. */
    private static final int OUTSIDE_BYTES_MIN = 1024;

    /** Where weights begin: on pages, so that they can be mapped. */
    private static final int ALIGNMENT = 4096;

    private ModelWriter() {}

    /**
     * Writes a model, one weight after another; what lies beside it is copied from there.
     *
     * @return names of the files beside it: none, or the model's own with {@code .data} after it
     */
    public static List<String> write(StoredModel model, Path file) throws IOException {
        return write(model, file, INSIDE_BYTES_MAX);
    }

    static List<String> write(StoredModel model, Path file, long insideBytesMax) throws IOException {
        List<TensorProto> weights = model.proto().getGraph().getInitializerList();
        long bytes = 0;
        for (TensorProto weight : weights) {
            bytes += bytes(model, weight);
        }
        List<TensorProto> written = new ArrayList<>();
        if (bytes <= insideBytesMax) {
            weights.forEach(weight -> written.add(inside(model, weight)));
            write(model, written, file);
            return List.of();
        }
        String name = file.getFileName() + ".data";
        try (FileChannel out = FileChannel.open(
                file.resolveSibling(name),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            for (TensorProto weight : weights) {
                boolean large = bytes(model, weight) >= OUTSIDE_BYTES_MIN;
                written.add(
                        large ? movedOut(weight.getName(), model.tensor(weight), out, name) : inside(model, weight));
            }
        }
        write(model, written, file);
        return List.of(name);
    }

    private static void write(StoredModel model, List<TensorProto> weights, Path file) throws IOException {
        ModelProto.Builder written = model.proto().toBuilder();
        written.getGraphBuilder().clearInitializer().addAllInitializer(weights);
        Files.write(file, written.build().toByteArray());
    }

    private static long bytes(StoredModel model, TensorProto weight) {
        return StoredModel.isBeside(weight)
                ? model.tensor(weight).byteCount()
                : weight.getRawData().size();
    }

    private static TensorProto inside(StoredModel model, TensorProto weight) {
        return StoredModel.isBeside(weight) ? Protos.tensor(weight.getName(), model.tensor(weight)) : weight;
    }

    private static TensorProto movedOut(String weight, Tensor tensor, FileChannel out, String file) throws IOException {
        long from = (out.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        out.position(from);
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
            out.write(data);
        }
        return Protos.tensor(weight, tensor.type(), tensor.shape(), new Place(file, from, tensor.byteCount()));
    }
}
