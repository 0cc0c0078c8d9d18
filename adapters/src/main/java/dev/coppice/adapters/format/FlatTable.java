package dev.coppice.adapters.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One table of a flatbuffer file whose contents nobody vouches for. Whatever leads out of the file throws {@link
 * IndexOutOfBoundsException} or {@link IllegalArgumentException}. Layout: FlatBuffers, "Internals".
 */
public final class FlatTable {
    private static final int IDENTIFIER_AT = 4;
    private static final int FIRST_SLOT = 4;

    private final ByteBuffer file;
    private final int position;

    private FlatTable(ByteBuffer file, int position) {
        this.file = file;
        this.position = position;
    }

    /**
     * The first table of a file.
     *
     * @param identifier the four letters that a file of this kind has after its first offset
     */
    public static FlatTable root(byte[] file, String identifier) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer found = bytes.slice(IDENTIFIER_AT, identifier.length());
        if (!StandardCharsets.ISO_8859_1.decode(found).toString().equals(identifier)) {
            throw new IllegalArgumentException("a file of another kind");
        }
        return new FlatTable(bytes, bytes.getInt(0));
    }

    /** Bytes of the whole file. */
    public int fileBytes() {
        return file.capacity();
    }

    /** A whole number of 1 or 4 bytes; 0 if the table leaves it out. */
    public int number(int slot, int bytes) {
        int at = field(slot);
        return at < 0 ? 0 : bytes == 1 ? file.get(at) : file.getInt(at);
    }

    /** The table that a slot leads to. */
    public FlatTable table(int slot) {
        return new FlatTable(file, target(present(slot)));
    }

    /** All tables of a vector; none if it is left out. */
    public List<FlatTable> tables(int slot) {
        if (field(slot) < 0) {
            return List.of();
        }
        int vector = target(present(slot));
        int count = vector(slot, Integer.BYTES).remaining() / Integer.BYTES; // reaches no further than the file
        List<FlatTable> tables = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tables.add(new FlatTable(file, target(vector + Integer.BYTES * (i + 1))));
        }
        return tables;
    }

    /** The bytes of a vector or a text. */
    public ByteBuffer vector(int slot, int elementBytes) {
        int vector = target(present(slot));
        int bytes = Math.multiplyExact(file.getInt(vector), elementBytes);
        return file.slice(vector + Integer.BYTES, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A text. */
    public String text(int slot, int bytesMax) {
        ByteBuffer bytes = vector(slot, 1);
        if (bytes.remaining() > bytesMax) {
            throw new IllegalArgumentException("a text of more than " + bytesMax + " bytes");
        }
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    /** A vector of whole numbers of 8 bytes. */
    public List<Long> longs(int slot, int countMax) {
        ByteBuffer numbers = vector(slot, Long.BYTES);
        if (numbers.remaining() > countMax * Long.BYTES) {
            throw new IllegalArgumentException("more than " + countMax + " numbers");
        }
        List<Long> longs = new ArrayList<>();
        while (numbers.hasRemaining()) {
            longs.add(numbers.getLong());
        }
        return longs;
    }

    private int target(int at) {
        return Math.addExact(at, file.getInt(at));
    }

    private int present(int slot) {
        int at = field(slot);
        if (at < 0) {
            throw new IllegalArgumentException("a value is missing");
        }
        return at;
    }

    /** Where a slot's value is; negative if the table leaves it out. */
    private int field(int slot) {
        int slots = Math.subtractExact(position, file.getInt(position));
        int entry = FIRST_SLOT + Short.BYTES * slot;
        int offset = entry < Short.toUnsignedInt(file.getShort(slots))
                ? Short.toUnsignedInt(file.getShort(slots + entry))
                : 0;
        return offset == 0 ? -1 : position + offset;
    }
}
