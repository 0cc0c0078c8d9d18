package dev.coppice.crypto.internal;

/** The field of integers modulo the prime 2^61 - 1. Elements are longs from 0 to {@link #PRIME} - 1. */
public final class Field61 {
    public static final long PRIME = (1L << 61) - 1;

    private static final int BITS = 61;

    private Field61() {}

    public static long add(long a, long b) {
        return reduced(a + b);
    }

    public static long subtract(long a, long b) {
        return reduced(a + PRIME - b);
    }

    /** The 122-bit product, folded once: 2^61 is 1 in this field. */
    public static long multiply(long a, long b) {
        long low = a * b;
        long high = (Math.multiplyHigh(a, b) << (Long.SIZE - BITS)) | (low >>> BITS);
        return reduced((low & PRIME) + high);
    }

    /**
     * The element that multiplied by {@code a} gives 1: {@code a^(p-2)}, after Fermat.
     *
     * @throws ArithmeticException if {@code a} is 0
     */
    public static long inverse(long a) {
        if (a == 0) {
            throw new ArithmeticException("Zero has no inverse");
        }
        long result = 1;
        long power = a;
        for (long exponent = PRIME - 2; exponent != 0; exponent >>>= 1) {
            if ((exponent & 1) == 1) {
                result = multiply(result, power);
            }
            power = multiply(power, power);
        }
        return result;
    }

    /** Of a value below twice the prime; without a branch, for the value may be secret. */
    private static long reduced(long value) {
        long less = value - PRIME;
        return less + (PRIME & (less >> (Long.SIZE - 1)));
    }
}
