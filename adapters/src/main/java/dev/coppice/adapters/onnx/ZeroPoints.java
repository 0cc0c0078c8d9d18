package dev.coppice.adapters.onnx;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The zero points of a matrix in blocks, one for each block; fractions are allowed. Immutable. */
final class ZeroPoints {
    private final int bits;
    private final int rows;
    private final float[] values;

    private ZeroPoints(int bits, int rows, float[] values) {
        this.bits = bits;
        this.rows = rows;
        this.values = values;
    }

    /**
     * Zero points row by row.
     *
     * @throws GraphRefusedException if one is not 0 to 2^bits - 1
     */
    static ZeroPoints of(int bits, int rows, float[] values) {
        for (float value : values) {
            if (!(value >= 0 && value < 1 << bits)) {
                throw new GraphRefusedException("a zero point is out of range: it is 0 to " + ((1 << bits) - 1));
            }
        }
        return new ZeroPoints(bits, rows, values);
    }

    /** What is meant where none are given. */
    static ZeroPoints middle(int bits, int rows, int count) {
        float[] values = new float[count];
        Arrays.fill(values, 1 << (bits - 1));
        return new ZeroPoints(bits, rows, values);
    }

    /** Those of a MatMulNBits: fractions, or each row's in whole bytes. */
    static ZeroPoints of(Tensor tensor, int bits, int rows, int count) {
        if (tensor.type().isReal()) {
            requireCount(tensor.count(), count);
            return of(bits, rows, tensor.as(ElementType.FLOAT).toFloats());
        }
        int perRow = bytes(bits, count / rows);
        requireCount(tensor.type() == ElementType.UINT8 ? tensor.count() : -1, rows * perRow);
        ByteBuffer packed = tensor.data();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Packed.read(packed, bits, (long) i / (count / rows) * perRow * 8 / bits + i % (count / rows));
        }
        return new ZeroPoints(bits, rows, values);
    }

    /** Those of a GatherBlockQuantized, all in one row. */
    static ZeroPoints ofFlat(Tensor tensor, int bits, int rows, int count) {
        if ((long) tensor.count() * 8 / bits < count) {
            throw new GraphRefusedException("there are fewer zero points than blocks");
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Packed.read(tensor.data(), bits, i);
        }
        return new ZeroPoints(bits, rows, values);
    }

    float value(int block) {
        return values[block];
    }

    int rounded(int block) {
        return Math.min((1 << bits) - 1, Math.round(values[block]));
    }

    int count() {
        return values.length;
    }

    /** Whether they are what is meant where none are given. */
    boolean isMiddle() {
        for (float value : values) {
            if (value != 1 << (bits - 1)) {
                return false;
            }
        }
        return true;
    }

    boolean isWhole() {
        for (float value : values) {
            if (value != Math.rint(value)) {
                return false;
            }
        }
        return true;
    }

    /** As MatMulNBits has them. */
    Tensor packedRows() {
        if (!isWhole()) {
            return Tensor.ofFloats(values, values.length);
        }
        int blocks = values.length / rows;
        byte[] packed = new byte[rows * bytes(bits, blocks)];
        for (int i = 0; i < values.length; i++) {
            Packed.write(packed, bits, i / blocks * bytes(bits, blocks) * 8 / bits + i % blocks, (int) values[i]);
        }
        return Tensor.ofData(ElementType.UINT8, ByteBuffer.wrap(packed), packed.length);
    }

    /** As DequantizeLinear has them: rounded, all in one row. */
    Tensor packed(ElementType type, long... shape) {
        return Tensor.ofData(type, ByteBuffer.wrap(flat(bytes(bits, values.length))), shape);
    }

    /** As GatherBlockQuantized has them: all in one row, in a tensor with a byte for each. */
    Tensor packedInBytes(long... shape) {
        return Tensor.ofData(ElementType.UINT8, ByteBuffer.wrap(flat(values.length)), shape);
    }

    private byte[] flat(int bytes) {
        byte[] packed = new byte[bytes];
        for (int i = 0; i < values.length; i++) {
            Packed.write(packed, bits, i, rounded(i));
        }
        return packed;
    }

    private static int bytes(int bits, int count) {
        return (count * bits + 7) / 8;
    }

    private static void requireCount(int found, int expected) {
        if (found != expected) {
            throw new GraphRefusedException("there are not as many zero points as blocks");
        }
    }
}
