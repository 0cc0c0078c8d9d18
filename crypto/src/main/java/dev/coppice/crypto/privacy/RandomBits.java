package dev.coppice.crypto.privacy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Random bits, many and fast: the keystream of AES-256 in counter mode from counter 0, read as little-endian 32-bit words.
 * As unpredictable as its key. Use on one thread; closing wipes what was not yet used.
 */
final class RandomBits implements AutoCloseable {
    static final int KEY_BYTES = 32;
    private static final int BUFFER_BYTES = 8192;
    private static final byte[] ZEROS = new byte[BUFFER_BYTES];

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Cipher cipher;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final ByteBuffer words = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    private final byte[] bulk = new byte[BUFFER_BYTES];
    private int spare;
    private int spareBits;

    /** @param key 32 bytes; the caller may wipe them afterwards */
    RandomBits(byte[] key) {
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has AES in counter mode", e);
        }
        words.position(BUFFER_BYTES);
    }

    /** 0 to 2^32 - 1. */
    long nextInt32() {
        if (!words.hasRemaining()) {
            refill();
        }
        return words.getInt() & 0xFFFF_FFFFL;
    }

    boolean nextBit() {
        if (spareBits == 0) {
            spare = (int) nextInt32();
            spareBits = 32;
        }
        boolean bit = (spare & 1) != 0;
        spare >>>= 1;
        spareBits--;
        return bit;
    }

    /** Uniform in 0 to {@code bound - 1}, exactly: Lemire 2019. */
    int below(int bound) {
        long product = nextInt32() * bound;
        if ((product & 0xFFFF_FFFFL) < bound) {
            long unfair = (1L << 32) % bound;
            while ((product & 0xFFFF_FFFFL) < unfair) {
                product = nextInt32() * bound;
            }
        }
        return (int) (product >>> 32);
    }

    /** Overwrites all of {@code ints} with what follows in the keystream; what is buffered for single draws stays. */
    void fill(int[] ints) {
        for (int from = 0; from < ints.length; from += BUFFER_BYTES / Integer.BYTES) {
            int count = Math.min(BUFFER_BYTES / Integer.BYTES, ints.length - from);
            try {
                cipher.update(ZEROS, 0, count * Integer.BYTES, bulk);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("The keystream goes on", e);
            }
            for (int i = 0; i < count; i++) {
                ints[from + i] = (int) INTS.get(bulk, i * Integer.BYTES);
            }
        }
    }

    private void refill() {
        try {
            cipher.update(ZEROS, 0, BUFFER_BYTES, buffer);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("The keystream goes on", e);
        }
        words.clear();
    }

    @Override
    public void close() {
        Arrays.fill(buffer, (byte) 0);
        Arrays.fill(bulk, (byte) 0);
        words.position(BUFFER_BYTES);
        spareBits = 0;
    }
}
