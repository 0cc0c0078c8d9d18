package dev.coppice.crypto.internal;

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
        if (packed.length != packedBytes(sum.length, bits)) {
            throw new IllegalArgumentException("Not the packed bytes of " + sum.length + " values");
        }
        long mask = mask(bits);
        long pending = 0;
        int pendingBits = 0;
        int at = 0;
        for (int i = 0; i < sum.length; i++) {
            while (pendingBits < bits) {
                pending |= (packed[at++] & 0xffL) << pendingBits;
                pendingBits += Byte.SIZE;
            }
            sum[i] += (int) (pending & mask);
            pending >>>= bits;
            pendingBits -= bits;
        }
    }

    private static long mask(int bits) {
        if (bits < Byte.SIZE || bits > Integer.SIZE) {
            throw new IllegalArgumentException("Values have 8 to 32 bits, not " + bits);
        }
        return (1L << bits) - 1;
    }
}
