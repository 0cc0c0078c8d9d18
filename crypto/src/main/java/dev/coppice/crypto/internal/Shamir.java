package dev.coppice.crypto.internal;

import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Shamir's secret sharing (1979) of 32 bytes over {@link Field61}: five limbs of at most 7 bytes, each the value at 0 of
 * a random polynomial. A share is the five values at one point, little-endian, 8 bytes each.
 */
public final class Shamir {
    public static final int SECRET_BYTES = 32;
    public static final int SHARE_BYTES = 40;

    private static final int LIMBS = 5;
    private static final int LIMB_BYTES = 7;

    private Shamir() {}

    /**
     * One share for each point; any {@code threshold} of them give the secret, fewer say nothing about it.
     *
     * @param points distinct, from 1
     */
    public static byte[][] split(byte[] secret, int threshold, int[] points, RandomSource random) {
        if (secret.length != SECRET_BYTES || threshold < 1 || threshold > points.length) {
            throw new IllegalArgumentException("A secret of 32 bytes and 1 to points.length as threshold are needed");
        }
        ByteBuffer[] shares = new ByteBuffer[points.length];
        Arrays.setAll(shares, i -> ByteBuffer.allocate(SHARE_BYTES).order(ByteOrder.LITTLE_ENDIAN));
        long[] polynomial = new long[threshold];
        for (int limb = 0; limb < LIMBS; limb++) {
            fillRandomly(polynomial, random);
            polynomial[0] = limb(secret, limb);
            for (int i = 0; i < points.length; i++) {
                shares[i].putLong(valueAt(points[i], polynomial));
            }
        }
        Arrays.fill(polynomial, 0);
        return Arrays.stream(shares).map(ByteBuffer::array).toArray(byte[][]::new);
    }

    /** Whether these bytes have the form of a share. */
    public static boolean isShare(byte[] share) {
        if (share.length != SHARE_BYTES) {
            return false;
        }
        for (int limb = 0; limb < LIMBS; limb++) {
            long value = value(share, limb);
            if (value < 0 || value >= Field61.PRIME) {
                return false;
            }
        }
        return true;
    }

    /**
     * The secret of the polynomials through these shares. From wrong shares come wrong bytes; who must know has a check
     * value.
     *
     * @param points distinct, as many as the threshold
     */
    public static byte[] combine(int[] points, byte[][] shares) {
        byte[] values = shareAt(0, points, shares);
        byte[] secret = new byte[LIMBS * LIMB_BYTES];
        for (int limb = 0; limb < LIMBS; limb++) {
            System.arraycopy(values, limb * Long.BYTES, secret, limb * LIMB_BYTES, LIMB_BYTES);
        }
        Arrays.fill(values, (byte) 0);
        return Arrays.copyOf(secret, SECRET_BYTES);
    }

    /** The share that belongs to {@code point}, by the polynomials through the others. */
    public static byte[] shareAt(int point, int[] points, byte[][] shares) {
        long[] weights = weights(point, points);
        ByteBuffer result = ByteBuffer.allocate(SHARE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int limb = 0; limb < LIMBS; limb++) {
            long sum = 0;
            for (int i = 0; i < points.length; i++) {
                sum = Field61.add(sum, Field61.multiply(weights[i], value(shares[i], limb)));
            }
            result.putLong(sum);
        }
        return result.array();
    }

    /** Lagrange's: what the value at each of {@code points} weighs in the value at {@code point}. */
    private static long[] weights(int point, int[] points) {
        long[] weights = new long[points.length];
        for (int i = 0; i < points.length; i++) {
            long numerator = 1;
            long denominator = 1;
            for (int j = 0; j < points.length; j++) {
                if (i != j) {
                    numerator = Field61.multiply(numerator, Field61.subtract(point, points[j]));
                    denominator = Field61.multiply(denominator, Field61.subtract(points[i], points[j]));
                }
            }
            weights[i] = Field61.multiply(numerator, Field61.inverse(denominator));
        }
        return weights;
    }

    private static long valueAt(int point, long[] polynomial) {
        long value = 0;
        for (int i = polynomial.length - 1; i >= 0; i--) {
            value = Field61.add(Field61.multiply(value, point), polynomial[i]);
        }
        return value;
    }

    private static void fillRandomly(long[] elements, RandomSource random) {
        byte[] bytes = random.bytes(elements.length * Long.BYTES);
        ByteBuffer source = ByteBuffer.wrap(bytes);
        for (int i = 0; i < elements.length; i++) {
            elements[i] = source.getLong() & Field61.PRIME;
            while (elements[i] == Field61.PRIME) { // 61 random bits, less the one value that is no element
                elements[i] = ByteBuffer.wrap(random.bytes(Long.BYTES)).getLong() & Field61.PRIME;
            }
        }
        Arrays.fill(bytes, (byte) 0);
    }

    private static long limb(byte[] secret, int limb) {
        long value = 0;
        for (int i = Math.min(SECRET_BYTES, (limb + 1) * LIMB_BYTES) - 1; i >= limb * LIMB_BYTES; i--) {
            value = (value << Byte.SIZE) | (secret[i] & 0xff);
        }
        return value;
    }

    private static long value(byte[] share, int limb) {
        return ByteBuffer.wrap(share).order(ByteOrder.LITTLE_ENDIAN).getLong(limb * Long.BYTES);
    }
}
