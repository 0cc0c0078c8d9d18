package dev.coppice.crypto.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Integers of 8 to 32 bits, side by side, least significant bit first; the last byte is filled up with zeros. */
public final class BitPacking {
    private BitPacking() {}

    /** Bytes that {@code count} values of {@code bits} bits take. */
    public static int packedBytes(int count, int bits) {
        return Math.toIntExact(((long) count * bits + Byte.SIZE - 1) / Byte.SIZE);
    }

    /** The low {@code bits} bits of each value. */
    public static byte[] pack(int[] values, int bits) {
        byte[] packed = new byte[packedBytes(values.length, bits)];
        long mask = mask(bits);
        long pending = 0;
        int pendingBits = 0;
        int at = 0;
        for (int value : values) {
            pending |= (value & mask) << pendingBits;
            pendingBits += bits;
            while (pendingBits >= Byte.SIZE) {
                packed[at++] = (byte) pending;
                pending >>>= Byte.SIZE;
                pendingBits -= Byte.SIZE;
            }
        }
        if (pendingBits > 0) {
            packed[at] = (byte) pending;
        }
        return packed;
    }

    /**
     * Adds each packed value to the one at its place in {@code sum}, modulo 2^32.
     *
     * @throws IllegalArgumentException if {@code packed} has not exactly the length for {@code sum.length} values; the
     *     sum is unchanged then
     */
    public static void addTo(int[] sum, byte[] packed, int bits) {
        addTo(sum, 0, packed, bits);
    }

    /** The same for those from {@code first} on. */
    static void addTo(int[] sum, int first, byte[] packed, int bits) {
        int count = sum.length - first;
        if (packed.length != packedBytes(count, bits)) {
            throw new IllegalArgumentException("Not the packed bytes of " + count + " values");
        }
        int mask = (int) mask(bits);
        ByteBuffer bytes = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
        int inWords = (int) Math.max(0, Math.min(count, (packed.length - Long.BYTES) * (long) Byte.SIZE / bits));
        for (int i = 0; i < inWords; i++) {
            long at = (long) i * bits;
            sum[first + i] += (int) (bytes.getLong((int) (at / Byte.SIZE)) >>> (at % Byte.SIZE)) & mask;
        }
        for (int i = inWords; i < count; i++) {
            sum[first + i] += (int) byByte(packed, (long) i * bits) & mask;
        }
    }

    /** What begins at a bit: 32 bits at least, or up to the end. */
    private static long byByte(byte[] packed, long bit) {
        long word = 0;
        int from = (int) (bit / Byte.SIZE);
        for (int i = from; i < packed.length && i <= from + Integer.BYTES; i++) {
            word |= (packed[i] & 0xffL) << ((i - from) * Byte.SIZE);
        }
        return word >>> (bit % Byte.SIZE);
    }

    private static long mask(int bits) {
        if (bits < Byte.SIZE || bits > Integer.SIZE) {
            throw new IllegalArgumentException("Values have 8 to 32 bits, not " + bits);
        }
        return (1L << bits) - 1;
    }
}
