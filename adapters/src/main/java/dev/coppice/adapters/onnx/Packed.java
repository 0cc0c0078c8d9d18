package dev.coppice.adapters.onnx;

import java.nio.ByteBuffer;

/** Unsigned numbers of 4 or 8 bits in bytes, the first of two in the lower half. */
public final class Packed {
    private Packed() {}

    public static int read(ByteBuffer bytes, int bits, long i) {
        return bits == 8 ? bytes.get((int) i) & 255 : (bytes.get((int) (i / 2)) >> (4 * (int) (i % 2))) & 15;
    }

    /** The bytes of a tensor of whole numbers of 4 or 8 bits; signed numbers are moved up, so that their middle is 8 (or 128). */
    static Tensor unsigned(Tensor tensor) {
        if (tensor.type() == ElementType.UINT4 || tensor.type() == ElementType.UINT8) {
            return tensor.viewed(ElementType.UINT8, tensor.byteCount());
        }
        ByteBuffer data = tensor.data();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        int flip = tensor.type() == ElementType.INT4 ? 0x88 : 0x80;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= (byte) flip;
        }
        return Tensor.ofData(ElementType.UINT8, ByteBuffer.wrap(bytes), bytes.length);
    }

    /** Writes into a place that is still 0. */
    public static void write(byte[] bytes, int bits, long i, int number) {
        if (bits == 8) {
            bytes[(int) i] = (byte) number;
        } else {
            bytes[(int) (i / 2)] |= (byte) (number << (4 * (int) (i % 2)));
        }
    }
}
