package dev.coppice.adapters.format;

import static dev.coppice.adapters.format.Safetensors.check;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.TensorSpec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file of any size whose values stay in the file until rows of them are asked for; a row's bytes are
 * mapped, not read. Thread-safe.
 */
public final class SafetensorsFile implements AutoCloseable {
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

    private SafetensorsFile(FileChannel channel, long dataStart, List<StoredTensor> tensors) {
        this.channel = channel;
        this.dataStart = dataStart;
        tensors.forEach(stored -> this.tensors.put(stored.tensor().name(), stored));
    }

    /**
     * Opens a file after checking its header.
     *
     * @throws FormatRefusedException if the header breaks the format or a limit
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed on every path that does not hand it on
    public static SafetensorsFile open(Path file) throws IOException, FormatRefusedException {
        FileChannel channel = FileChannel.open(file);
        try {
            long size = channel.size();
            check(size >= Long.BYTES, "has a length out of range");
            int headerBytes =
                    Safetensors.headerBytes(read(channel, 0, Long.BYTES).getLong(), size - Long.BYTES);
            byte[] header = read(channel, Long.BYTES, headerBytes).array();
            long dataStart = Long.BYTES + (long) headerBytes;
            return new SafetensorsFile(
                    channel, dataStart, SafetensorsHeader.tensors(Safetensors.parse(header), size - dataStart));
        } catch (IOException | FormatRefusedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** In the order of their bytes. */
    public List<TensorSpec> tensors() {
        return tensors.values().stream().map(StoredTensor::tensor).toList();
    }

    /**
     * Some of a tensor's values, as float32.
     *
     * @param from index of the first value in row-major order
     * @param count how many; at most 2^28
     * @throws IllegalArgumentException if the file has no such tensor, or the tensor no such values
     */
    public float[] values(String name, int from, int count) throws IOException {
        StoredTensor stored = tensors.get(name);
        if (stored == null || from < 0 || count < 0 || count > stored.tensor().count() - from || count > 1 << 28) {
            throw new IllegalArgumentException(name + " has no values " + from + " to " + ((long) from + count));
        }
        int width = stored.type().bytes();
        long start = dataStart + stored.from() + (long) from * width;
        ByteBuffer bytes =
                channel.map(MapMode.READ_ONLY, start, (long) count * width).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[count];
        if (stored.type() == StoredType.F32) {
            bytes.asFloatBuffer().get(values);
        } else {
            for (int i = 0; i < count; i++) {
                values[i] = stored.type().next(bytes);
            }
        }
        return values;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("a safetensors file became shorter while it was read");
            }
        }
        return bytes.flip();
    }
}
