package dev.coppice.adapters.quantize;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes a new model's weights one by one: into its graph, or into a file beside it. The graph is written last. */
final class WeightsOut implements AutoCloseable {
    /** Smaller tensors stay in the graph. */
    private static final int BESIDE_BYTES_MIN = 1 << 10;
    /** Pages, as readers that map files want it. */
    private static final int ALIGNMENT = 1 << 12;

    private final Path model;
    private final String fileName;
    private final Optional<FileChannel> file;
    private final List<TensorProto> written = new ArrayList<>();
    private long bytes;

    WeightsOut(Path model, boolean beside) throws IOException {
        this.model = model;
        this.fileName = model.getFileName() + ".data";
        this.file = beside
                ? Optional.of(FileChannel.open(
                        model.resolveSibling(fileName),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE))
                : Optional.empty();
    }

    void add(String name, Tensor tensor) throws IOException {
        ByteBuffer values = tensor.data();
        bytes += values.remaining();
        if (file.isEmpty() || values.remaining() < BESIDE_BYTES_MIN) {
            written.add(Protos.tensor(name, tensor));
            return;
        }
        FileChannel channel = file.get();
        long offset = channel.position() + Math.floorMod(-channel.position(), ALIGNMENT);
        int length = values.remaining();
        channel.position(offset);
        while (values.hasRemaining()) {
            channel.write(values);
        }
        TensorProto.Builder proto = TensorProto.newBuilder()
                .setName(name)
                .setDataType(tensor.type().code())
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", fileName))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Integer.toString(length)));
        for (long size : tensor.shape()) {
            proto.addDims(size);
        }
        written.add(proto.build());
    }

    List<TensorProto> written() {
        return List.copyOf(written);
    }

    /** Of all weights so far. */
    long bytes() {
        return bytes;
    }

    /** Names of the files beside the model. */
    List<String> files() {
        return file.isPresent() ? List.of(fileName) : List.of();
    }

    void finish(ModelProto graph) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(model))) {
            graph.writeTo(out);
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
