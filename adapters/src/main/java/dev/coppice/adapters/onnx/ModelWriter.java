package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
     * Writes a model whose weights are in memory.
     *
     * @return names of the files beside it: none, or the model's own with {@code .data} after it
     */
    public static List<String> write(ModelProto model, Path file) throws IOException {
        return write(model, file, INSIDE_BYTES_MAX);
    }

    static List<String> write(ModelProto model, Path file, long insideBytesMax) throws IOException {
        long bytes = model.getGraph().getInitializerList().stream()
                .mapToLong(weight -> weight.getRawData().size())
                .sum();
        ModelProto.Builder written = model.toBuilder();
        List<TensorProto.Builder> weights = written.getGraphBuilder().getInitializerBuilderList();
        weights.forEach(TensorProto.Builder::clearExternalData);
        if (bytes <= insideBytesMax) {
            Files.write(file, written.build().toByteArray());
            return List.of();
        }
        String name = file.getFileName() + ".data";
        try (OutputStream out = Files.newOutputStream(file.resolveSibling(name))) {
            long end = 0;
            for (TensorProto.Builder weight : weights) {
                if (weight.getRawData().size() >= OUTSIDE_BYTES_MIN) {
                    end = moveOut(weight, out, name, end);
                }
            }
        }
        Files.write(file, written.build().toByteArray());
        return List.of(name);
    }

    private static long moveOut(TensorProto.Builder weight, OutputStream out, String file, long end)
            throws IOException {
        ByteString data = weight.getRawData();
        long from = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        out.write(new byte[(int) (from - end)]);
        data.writeTo(out);
        Protos.moveTo(weight, new Place(file, from, data.size()));
        return from + data.size();
    }
}
