package dev.coppice.adapters.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Conversion between the types of fractions that ONNX stores. */
public final class Reals {
    /** From here on the nearest float16 is infinity. */
    private static final float HALF_OVERFLOW = 65520;

    private static final float HALF_NORMAL_MIN = 0x1p-14f;

    private Reals() {}

    /** The values as FLOAT or DOUBLE. */
    static ByteBuffer convert(ByteBuffer from, ElementType type, ElementType to) {
        int count = (int) (from.remaining() / type.bytes(1));
        if (to != ElementType.FLOAT && to != ElementType.DOUBLE) {
            throw new IllegalArgumentException("nothing is converted to " + to);
        }
        ByteBuffer result =
                ByteBuffer.allocate(Math.toIntExact(to.bytes(count))).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            double value = read(from, type, i);
            if (to == ElementType.FLOAT) {
                result.putFloat((float) value);
            } else {
                result.putDouble(value);
            }
        }
        return result.flip();
    }

    static double read(ByteBuffer from, ElementType type, int i) {
        return switch (type) {
            case FLOAT -> from.getFloat(i * 4);
            case DOUBLE -> from.getDouble(i * 8);
            case FLOAT16 -> half(from.getShort(i * 2));
            case BFLOAT16 -> Float.intBitsToFloat(from.getShort(i * 2) << 16);
            case INT32, INT64, INT8, UINT8, INT4, UINT4, BOOL ->
                throw new IllegalArgumentException(type + " holds no fractions");
        };
    }

    /** The nearest number that float16 can hold. */
    public static float roundedToHalf(float value) {
        return half(halfOf(value));
    }

    /** IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
    static float half(short bits) {
        int exponent = (bits >> 10) & 31;
        int fraction = bits & 1023;
        float magnitude;
        if (exponent == 31) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = fraction * 0x1p-24f;
        } else {
            magnitude = Float.intBitsToFloat(((exponent + 112) << 23) | (fraction << 13));
        }
        return bits < 0 ? -magnitude : magnitude;
    }

    /** Appends a value, rounded to the nearest that the type holds (of two, the even one). */
    static void write(ByteBuffer to, ElementType type, double value) {
        if (type == ElementType.DOUBLE) {
            to.putDouble(value);
        } else if (type == ElementType.FLOAT) {
            to.putFloat((float) value);
        } else if (type == ElementType.FLOAT16) {
            to.putShort(halfOf((float) value));
        } else {
            throw new GraphRefusedException("fractions are not written as " + type);
        }
    }

    /** The nearest IEEE 754 binary16. */
    static short halfOf(float value) {
        float size = Math.abs(value);
        if (!(size < HALF_OVERFLOW)) {
            throw new GraphRefusedException("a value of " + value + " is too large for float16");
        }
        int sign = (Float.floatToRawIntBits(value) >>> 16) & 0x8000;
        if (size < HALF_NORMAL_MIN) {
            return (short) (sign | (int) Math.rint(size * 0x1p24f)); // a multiple of 2^-24
        }
        int bits = Float.floatToRawIntBits(size);
        int rounded = bits + 0xfff + ((bits >>> 13) & 1); // to nearest, ties to even, of the 13 bits that go
        return (short) (sign | ((rounded - (112 << 23)) >>> 13));
    }
}
