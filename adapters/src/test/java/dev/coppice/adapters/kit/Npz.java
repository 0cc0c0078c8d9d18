package dev.coppice.adapters.kit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Arrays that numpy saved: float32, int32 and int64, C order. */
public final class Npz {
    private static final int PREAMBLE = 10;
    private final Path file;

    /** One array; its values are in {@code data}, little-endian. */
    public static final class Entry {
        public final long[] shape;
        private final ByteBuffer data;

        Entry(long[] shape, ByteBuffer data) {
            this.shape = shape;
            this.data = data;
        }

        public float[] floats() {
            float[] values = new float[data.remaining() / Float.BYTES];
            data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
            return values;
        }

        /** The values of an array of int64 or int32. */
        public long[] wholes() {
            int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            if (data.remaining() == count * Long.BYTES) {
                return longs();
            }
            int[] values = new int[count];
            data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(values);
            return Arrays.stream(values).asLongStream().toArray();
        }

        public long[] longs() {
            long[] values = new long[data.remaining() / Long.BYTES];
            data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
            return values;
        }
    }

    public Npz(Path file) {
        this.file = file;
    }

    public Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            zip.stream().forEach(entry -> names.add(entry.getName().replace(".npy", "")));
        }
        return names;
    }

    public Entry read(String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(name + ".npy");
            try (InputStream in = zip.getInputStream(entry)) {
                ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
                int header = bytes.getShort(PREAMBLE - 2);
                String text = new String(bytes.array(), PREAMBLE, header, StandardCharsets.ISO_8859_1);
                Matcher shape = Pattern.compile("\\(([^)]*)\\)").matcher(text);
                if (!shape.find()) {
                    throw new IOException(name + " has no shape");
                }
                long[] sizes = Arrays.stream(shape.group(1).split(","))
                        .map(String::trim)
                        .filter(size -> !size.isEmpty())
                        .mapToLong(Long::parseLong)
                        .toArray();
                return new Entry(sizes, bytes.position(PREAMBLE + header).slice());
            }
        }
    }
}
