package dev.coppice.adapters.transfer;

import dev.coppice.adapters.transfer.Stretch.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads one file in the form that {@link PackCoding} describes. */
final class Decoder {
    private final int length;
    private final List<Stretch> stretches;
    private final byte[] before;
    private final byte[] low;
    private final byte[] high;
    private final ByteBuffer plain;
    private int next;

    private Decoder(int length, List<Stretch> stretches, byte[] before, byte[] low, byte[] high, ByteBuffer plain) {
        this.length = length;
        this.stretches = stretches;
        this.before = before;
        this.low = low;
        this.high = high;
        this.plain = plain;
    }

    static Decoder read(byte[] encoded, int length) throws CodingRefusedException {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        require(in.remaining() >= 3 * Integer.BYTES && in.getInt() == PackCoding.MAGIC, "it begins otherwise");
        int beforeLength = in.getInt();
        List<Stretch> stretches = stretches(in);
        long values = count(stretches, stretch -> true);
        require(beforeLength >= 0 && beforeLength + values * Float.BYTES == length, "its length differs");
        int indices = (int) count(stretches, Stretch::hasIndices);
        int plains = (int) count(stretches, stretch -> stretch.kind() == Kind.PLAIN);
        Decoder decoder = new Decoder(
                length,
                stretches,
                part(in, beforeLength),
                part(in, indices),
                part(in, indices),
                ByteBuffer.wrap(part(in, plains * Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN));
        require(!in.hasRemaining(), "something follows it");
        return decoder;
    }

    byte[] decode(Optional<Tensors> other) throws CodingRefusedException {
        ByteBuffer file =
                ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).put(before);
        int from = 0;
        for (Stretch stretch : stretches) {
            if (stretch.needsOther()) {
                boolean has = other.isPresent() && other.get().count() - from >= stretch.count();
                require(has, "it needs another file");
                put(stretch, other.orElseThrow().values(from, stretch.count()), file);
            } else {
                put(stretch, new float[stretch.count()], file);
            }
            from += stretch.count();
        }
        return file.array();
    }

    private void put(Stretch stretch, float[] theirs, ByteBuffer file) {
        CoarseGrid grid = new CoarseGrid(stretch.step());
        for (float theirValue : theirs) {
            switch (stretch.kind()) {
                case PLAIN -> file.putInt(plain.getInt());
                case SAME -> file.putFloat(theirValue);
                case GRID -> file.putFloat(grid.value(index()));
                case MOVED -> file.putFloat(grid.value((int) (grid.nearest(theirValue) + index())));
            }
        }
    }

    private int index() {
        int folded = ((high[next] & 0xff) << Byte.SIZE) | (low[next] & 0xff);
        next++;
        return (folded & 1) == 0 ? folded / 2 : -(folded + 1) / 2;
    }

    private static List<Stretch> stretches(ByteBuffer in) throws CodingRefusedException {
        int count = in.getInt();
        boolean fits = count >= 0 && count <= PackCoding.STRETCHES_MAX && in.remaining() / Stretch.BYTES >= count;
        require(fits, "it has more stretches than bytes");
        List<Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stretches.add(Stretch.read(in));
        }
        return stretches;
    }

    private static long count(List<Stretch> stretches, Predicate<Stretch> of) {
        return stretches.stream().filter(of).mapToLong(Stretch::count).sum();
    }

    private static byte[] part(ByteBuffer in, int length) throws CodingRefusedException {
        require(in.remaining() >= Integer.BYTES, "a part is missing");
        int deflated = in.getInt();
        require(deflated >= 0 && deflated <= in.remaining(), "a part is cut off");
        byte[] bytes = new byte[deflated];
        in.get(bytes);
        return Deflation.inflate(bytes, length);
    }

    private static void require(boolean holds, String otherwise) throws CodingRefusedException {
        if (!holds) {
            throw new CodingRefusedException(otherwise);
        }
    }
}
