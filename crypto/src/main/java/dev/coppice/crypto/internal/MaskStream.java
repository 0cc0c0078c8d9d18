package dev.coppice.crypto.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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

    /** Twice as fast as a buffer's words: the compiler sees through it and adds many at a time. */
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Cipher cipher;
    private final byte[] chunk = new byte[CHUNK_BYTES];

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
        for (int from = 0; from < target.length; from += CHUNK_BYTES / Integer.BYTES) {
            addChunk(target, from, next(target.length - from));
        }
        Arrays.fill(chunk, (byte) 0);
    }

    /** Takes the vector of {@code key} from {@code target}, modulo 2^32. */
    public void subtract(byte[] key, int[] target) {
        start(key);
        for (int from = 0; from < target.length; from += CHUNK_BYTES / Integer.BYTES) {
            subtractChunk(target, from, next(target.length - from));
        }
        Arrays.fill(chunk, (byte) 0);
    }

    private void addChunk(int[] target, int from, int count) {
        for (int i = 0; i < count; i++) {
            target[from + i] += (int) WORDS.get(chunk, i * Integer.BYTES);
        }
    }

    private void subtractChunk(int[] target, int from, int count) {
        for (int i = 0; i < count; i++) {
            target[from + i] -= (int) WORDS.get(chunk, i * Integer.BYTES);
        }
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
        int count = Math.min(wanted, CHUNK_BYTES / Integer.BYTES);
        try {
            cipher.update(ZEROS, 0, count * Integer.BYTES, chunk, 0);
        } catch (GeneralSecurityException chunkIsLargeEnough) {
            throw new AssertionError(chunkIsLargeEnough);
        }
        return count;
    }
}
