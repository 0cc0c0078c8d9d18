package dev.coppice.adapters.transfer;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Some of a file's values, one after the other.
 *
 * @param step of their grid; 0 where there is none
 * @param count how many, at least 1
 */
record Stretch(Kind kind, float step, int count) {
    /** Bytes of one, written. */
    static final int BYTES = 1 + Float.BYTES + Integer.BYTES;

    /** How values are written. */
    enum Kind {
        /** As they are. */
        PLAIN(0),
        /** Not at all: they are the same, to the bit, in the other file. */
        SAME(1),
        /** As indices in a grid. */
        GRID(2),
        /** As indices in a grid, less the index nearest to what is at the same place in the other file. */
        MOVED(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    boolean needsOther() {
        return kind == Kind.SAME || kind == Kind.MOVED;
    }

    boolean hasIndices() {
        return kind == Kind.GRID || kind == Kind.MOVED;
    }

    void write(ByteBuffer out) {
        out.put((byte) kind.code).putFloat(step).putInt(count);
    }

    static Stretch read(ByteBuffer in) throws CodingRefusedException {
        int code = in.get();
        float step = in.getFloat();
        int count = in.getInt();
        Kind kind = Arrays.stream(Kind.values())
                .filter(known -> known.code == code)
                .findFirst()
                .orElseThrow(() -> new CodingRefusedException("a stretch is of no known kind"));
        if (count < 1) {
            throw new CodingRefusedException("a stretch is of nothing");
        }
        Stretch stretch = new Stretch(kind, step, count);
        if (stretch.hasIndices() != CoarseGrid.isStep(step)) {
            throw new CodingRefusedException("a grid has a step that is none");
        }
        return stretch;
    }
}
