package dev.coppice.crypto.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Expands keys into long vectors of random 32-bit integers and adds them to another: AES-128-CTR from a zero counter,
 * read as little-endian words. Each key must be used for one vector only. For one thread at a time.
 */
public final class MaskStream {
    /** Bytes of a key. */
    public static final int KEY_BYTES = 16;

    /** The virtual machine's AES is fastest on pieces of 4 to 16 KiB, and several times slower on very long ones. */
    private static final int CHUNK_BYTES = 8 * 1024;

    private static final byte[] ZEROS = new byte[CHUNK_BYTES];

    private final Cipher cipher;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final IntBuffer words =
            ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    private final int[] mask = new int[CHUNK_BYTES / Integer.BYTES];

    public MaskStream() {
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    /** Adds the vector of {@code key} to {@code target}, modulo 2^32. */
    public void add(byte[] key, int[] target) {
        start(key);
        for (int from = 0; from < target.length; from += mask.length) {
            int count = next(target.length - from);
            for (int i = 0; i < count; i++) {
                target[from + i] += mask[i];
            }
        }
        wipe();
    }

    /** Takes the vector of {@code key} from {@code target}, modulo 2^32. */
    public void subtract(byte[] key, int[] target) {
        start(key);
        for (int from = 0; from < target.length; from += mask.length) {
            int count = next(target.length - from);
            for (int i = 0; i < count; i++) {
                target[from + i] -= mask[i];
            }
        }
        wipe();
    }

    private void start(byte[] key) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
        } catch (GeneralSecurityException wrongKeyLength) {
            throw new IllegalArgumentException("A mask's key has 16 bytes", wrongKeyLength);
        }
    }

    /** Expands the next words, at most {@code wanted}, and says how many. */
    private int next(int wanted) {
        int count = Math.min(wanted, mask.length);
        try {
            cipher.update(ZEROS, 0, count * Integer.BYTES, chunk, 0);
        } catch (GeneralSecurityException chunkIsLargeEnough) {
            throw new AssertionError(chunkIsLargeEnough);
        }
        words.get(0, mask, 0, count);
        return count;
    }

    private void wipe() {
        Arrays.fill(chunk, (byte) 0);
        Arrays.fill(mask, 0);
    }
}
