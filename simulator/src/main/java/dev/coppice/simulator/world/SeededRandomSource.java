package dev.coppice.simulator.world;

import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that anyone with the seed can reproduce: the key stream of AES-256 in counter mode under
 * SHA-256(seed, path). Two paths of one seed are independent streams, so that a device draws the same bytes
 * whatever the others do. <b>It protects nothing</b>: keys and noise drawn from it are known to whoever knows the seed.
 * Safe for use by several threads, though then the order of draws is theirs.
 */
public final class SeededRandomSource implements RandomSource {
    private final byte[] key;
    private @Nullable Cipher stream; // many are only forked

    private SeededRandomSource(byte[] key) {
        this.key = key;
    }

    /** The stream of a whole run. */
    public static SeededRandomSource of(long seed) {
        return new SeededRandomSource(
                sha256(ByteBuffer.allocate(Long.BYTES).putLong(seed).array(), "coppice simulation"));
    }

    /**
     * A fresh stream of its own for one part of the run, always the same for the same path.
     *
     * @param path for example {@code "device/17/round/3"}
     */
    public SeededRandomSource fork(String path) {
        return new SeededRandomSource(sha256(key, path));
    }

    /** A fast source of numbers that protect nothing, begun with the next bytes of this one. */
    public SplittableRandom splittable() {
        return new SplittableRandom(ByteBuffer.wrap(bytes(Long.BYTES)).getLong());
    }

    @Override
    public synchronized void fill(byte[] bytes) {
        Arrays.fill(bytes, (byte) 0);
        if (stream == null) {
            stream = stream();
        }
        byte[] drawn = stream.update(bytes);
        System.arraycopy(drawn, 0, bytes, 0, bytes.length);
    }

    private Cipher stream() {
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES in counter mode", e);
        }
    }

    private static byte[] sha256(byte[] first, String second) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(first);
            return digest.digest(second.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
