package dev.coppice.adapters.transfer;

import dev.coppice.adapters.transfer.Stretch.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Writes one file in the form that {@link PackCoding} describes. */
final class Encoder {
    private final Tensors file;
    private final Optional<Tensors> other;
    private final List<Stretch> stretches = new ArrayList<>();
    private final ByteArrayOutputStream low = new ByteArrayOutputStream();
    private final ByteArrayOutputStream high = new ByteArrayOutputStream();
    private final ByteArrayOutputStream plain = new ByteArrayOutputStream();

    Encoder(Tensors file, Optional<Tensors> other) {
        this.file = file;
        this.other = other.filter(some -> some.count() >= file.count());
    }

    byte[] encode() {
        int from = 0;
        for (int count : file.counts()) {
            int place = from;
            add(file.values(from, count), other.map(some -> some.values(place, count)));
            from += count;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] before = file.before();
        out.writeBytes(head(before.length));
        for (byte[] part : List.of(before, low.toByteArray(), high.toByteArray(), plain.toByteArray())) {
            byte[] deflated = Deflation.deflate(part);
            out.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(deflated.length).array());
            out.writeBytes(deflated);
        }
        return out.toByteArray();
    }

    private void add(float[] values, Optional<float[]> theirs) {
        if (theirs.isPresent() && isSame(values, theirs.get())) {
            stretches.add(new Stretch(Kind.SAME, 0, values.length));
            return;
        }
        Optional<CoarseGrid> grid = CoarseGrid.of(values);
        if (grid.isEmpty()) {
            stretches.add(new Stretch(Kind.PLAIN, 0, values.length));
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            plain.writeBytes(bytes.array());
            return;
        }
        long[] indices = indices(grid.get(), values);
        Optional<long[]> moved = theirs.map(some -> less(indices, indices(grid.get(), some)));
        boolean isShorter = moved.isPresent() && size(moved.get()) < size(indices);
        stretches.add(new Stretch(isShorter ? Kind.MOVED : Kind.GRID, grid.get().step(), values.length));
        for (long index : isShorter ? moved.orElseThrow() : indices) {
            int folded = (int) (index >= 0 ? 2 * index : -2 * index - 1);
            low.write(folded);
            high.write(folded >> Byte.SIZE);
        }
    }

    private static boolean isSame(float[] values, float[] theirs) {
        for (int i = 0; i < values.length; i++) {
            if (Float.floatToRawIntBits(values[i]) != Float.floatToRawIntBits(theirs[i])) {
                return false;
            }
        }
        return true;
    }

    private static long[] indices(CoarseGrid grid, float[] values) {
        long[] indices = new long[values.length];
        Arrays.setAll(indices, i -> grid.nearest(values[i]));
        return indices;
    }

    private static long[] less(long[] indices, long[] theirs) {
        long[] less = new long[indices.length];
        Arrays.setAll(less, i -> indices[i] - theirs[i]);
        return less;
    }

    /** Bits, roughly; more than of anything else if an index does not fit. */
    private static long size(long[] indices) {
        long size = 0;
        for (long index : indices) {
            if (Math.abs(index) > CoarseGrid.INDEX_MAX) {
                return Long.MAX_VALUE;
            }
            size += Long.SIZE - Long.numberOfLeadingZeros(Math.abs(index));
        }
        return size;
    }

    private byte[] head(int beforeLength) {
        ByteBuffer head = ByteBuffer.allocate(3 * Integer.BYTES + stretches.size() * Stretch.BYTES)
                .putInt(PackCoding.MAGIC)
                .putInt(beforeLength)
                .putInt(stretches.size());
        stretches.forEach(stretch -> stretch.write(head));
        return head.array();
    }
}
