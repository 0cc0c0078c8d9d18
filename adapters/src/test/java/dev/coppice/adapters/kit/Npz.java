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
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1};
    private static final int PREAMBLE = 10;
    private static final int BYTES_MAX = 1 << 28;
    private static final int AXES_MAX = 8;
    private static final Pattern TYPE = Pattern.compile("'descr': '<([fi])([48])'");
    private static final Pattern SHAPE = Pattern.compile("'shape': \\(([0-9, ]{0,200})\\)");
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
            if (entry == null) {
                throw new IOException("there is no array " + name);
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return entry(in.readNBytes(BYTES_MAX));
            }
        }
    }

    /**
     * One array as numpy saves it alone.
     *
     * @throws IOException if the bytes are no array of such a type and order
     */
    static Entry entry(byte[] npy) throws IOException {
        require(npy.length >= PREAMBLE && Arrays.equals(npy, 0, MAGIC.length, MAGIC, 0, MAGIC.length), "no array");
        ByteBuffer bytes = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
        int header = Short.toUnsignedInt(bytes.getShort(PREAMBLE - 2));
        require(header <= npy.length - PREAMBLE, "a header that is cut off");
        String text = new String(npy, PREAMBLE, header, StandardCharsets.ISO_8859_1);
        Matcher type = TYPE.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        require(type.find() && shape.find() && text.contains("'fortran_order': False"), "an array of another kind");
        String[] sizes = Arrays.stream(shape.group(1).split(","))
                .map(String::trim)
                .filter(size -> !size.isEmpty())
                .toArray(String[]::new);
        require(sizes.length <= AXES_MAX, "an array of too many axes");
        long[] axes = new long[sizes.length];
        long count = 1;
        for (int i = 0; i < axes.length; i++) {
            require(sizes[i].matches("[0-9]{1,9}"), "an axis of no length");
            axes[i] = Long.parseLong(sizes[i]);
            count = axes[i] == 0 ? 0 : count * axes[i];
            require(count <= BYTES_MAX, "an array that is too long");
        }
        ByteBuffer data = bytes.position(PREAMBLE + header).slice();
        require(data.remaining() == count * Integer.parseInt(type.group(2)), "values that do not fill the shape");
        return new Entry(axes, data);
    }

    private static void require(boolean fits, String problem) throws IOException {
        if (!fits) {
            throw new IOException(problem);
        }
    }
}
