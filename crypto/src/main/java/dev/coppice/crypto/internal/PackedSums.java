package dev.coppice.crypto.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Adds many vectors in the form of {@link BitPacking} at once, several times as fast as one by one. A packed vector is taken
 * for a row of limbs of 32 bits, and a limb for a row of pieces, each a value or the part of one that is in the limb. Every
 * other piece of a limb is added in one lane of 64 bits, those between in another: so there is room for carries above each
 * piece, and only sums have to be taken apart. The JIT compiler makes vector instructions of the loop over lanes.
 */
public final class PackedSums {
    /** The room above a piece is that of a value of the least width, or more. */
    private static final int AT_ONCE_MAX = 1 << 8;

    private static final int LIMB_BITS = Integer.SIZE;
    private static final long LOW = 0xffff_ffffL;

    private static final int LOW_EVEN = 0;
    private static final int LOW_ODD = 1;
    private static final int HIGH_EVEN = 2;
    private static final int HIGH_ODD = 3;

    private static final int BLOCK_WORDS = 512;

    /** So many values end where a word does, whatever their width. */
    private static final int PERIOD = Long.SIZE;

    private final int bits;
    private final int periods;
    private final long[] words;
    private final long[] even;
    private final long[][] lanes;
    private final List<Piece> pieces = new ArrayList<>();

    /**
     * A part of a value.
     *
     * @param lane in which it is added
     * @param word its place there
     * @param from its first bit there
     * @param below the first bit of the next piece there, or the end
     * @param value which of a block's it belongs to
     * @param at its first bit in the value
     */
    private record Piece(int lane, int word, int from, int below, int value, int at) {
        int of(long[][] lanes) {
            return (int) (lanes[lane][word] << (Long.SIZE - below) >>> (Long.SIZE - below + from)) << at;
        }
    }

    private PackedSums(int bits) {
        this.bits = bits;
        this.periods = BLOCK_WORDS / bits;
        int size = periods * bits;
        this.words = new long[size];
        this.even = new long[size];
        this.lanes = new long[HIGH_ODD + 1][size];
        cut();
    }

    /**
     * Adds each packed value to the one at its place in {@code sum}, modulo 2^32.
     *
     * @param packed their positions and orders stay as they are
     * @throws IllegalArgumentException if one has not exactly the length for {@code sum.length} values; the sum is unchanged then
     */
    public static void addTo(int[] sum, List<ByteBuffer> packed, int bits) {
        int bytes = BitPacking.packedBytes(sum.length, bits);
        if (packed.stream().anyMatch(vector -> vector.remaining() != bytes)) {
            throw new IllegalArgumentException("Not the packed bytes of " + sum.length + " values");
        }
        PackedSums sums = new PackedSums(bits);
        for (int i = 0; i < packed.size(); i += AT_ONCE_MAX) {
            sums.addFew(sum, packed.subList(i, Math.min(packed.size(), i + AT_ONCE_MAX)));
        }
    }

    /** Says of each bit of a block which piece it is of. */
    private void cut() {
        int bit = 0;
        while (bit < words.length * Long.SIZE) {
            int word = bit / Long.SIZE;
            boolean isHigh = bit % Long.SIZE >= LIMB_BITS;
            int from = bit % LIMB_BITS;
            boolean isEven = true;
            while (from < LIMB_BITS) {
                int length = Math.min(bits - bit % bits, LIMB_BITS - from);
                int next = from + length + bits; // of the same lane: the piece between is a whole value, or the last
                int lane = isEven ? (isHigh ? HIGH_EVEN : LOW_EVEN) : (isHigh ? HIGH_ODD : LOW_ODD);
                pieces.add(new Piece(lane, word, from, next < LIMB_BITS ? next : Long.SIZE, bit / bits, bit % bits));
                if (isEven) {
                    even[word] |= ((1L << length) - 1) << bit % Long.SIZE;
                }
                isEven = !isEven;
                from += length;
                bit += length;
            }
        }
    }

    private void addFew(int[] sum, List<ByteBuffer> packed) {
        int blockValues = periods * PERIOD;
        int first = 0;
        for (; first + blockValues <= sum.length; first += blockValues) {
            int at = first / PERIOD * bits * Long.BYTES;
            for (ByteBuffer vector : packed) {
                read(vector, at);
                addWords();
            }
            takeApart(sum, first);
        }
        for (ByteBuffer vector : packed) {
            byte[] rest = new byte[BitPacking.packedBytes(sum.length - first, bits)];
            vector.duplicate().position(vector.limit() - rest.length).get(rest);
            BitPacking.addTo(sum, first, rest, bits);
        }
    }

    private void read(ByteBuffer vector, int at) {
        vector.duplicate()
                .position(vector.position() + at)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(words);
    }

    private void addWords() {
        long[] lowEven = lanes[LOW_EVEN];
        long[] lowOdd = lanes[LOW_ODD];
        long[] highEven = lanes[HIGH_EVEN];
        long[] highOdd = lanes[HIGH_ODD];
        for (int i = 0; i < words.length; i++) {
            long atEven = words[i] & even[i];
            long atOdd = words[i] ^ atEven;
            lowEven[i] += atEven & LOW;
            lowOdd[i] += atOdd & LOW;
            highEven[i] += atEven >>> LIMB_BITS;
            highOdd[i] += atOdd >>> LIMB_BITS;
        }
    }

    private void takeApart(int[] sum, int first) {
        for (Piece piece : pieces) {
            sum[first + piece.value()] += piece.of(lanes);
        }
        for (long[] lane : lanes) {
            Arrays.fill(lane, 0);
        }
    }
}
