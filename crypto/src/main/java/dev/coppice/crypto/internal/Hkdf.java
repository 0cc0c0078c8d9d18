package dev.coppice.crypto.internal;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869). */
public final class Hkdf {
    private static final String HMAC = "HmacSHA256";
    private static final int HASH_BYTES = 32;
    private static final int OUTPUT_BYTES_MAX = 255 * HASH_BYTES;

    private Hkdf() {}

    /** A pseudorandom key of 32 bytes. An empty salt stands for 32 zero bytes. */
    public static byte[] extract(byte[] salt, byte[]... keyMaterial) {
        Mac mac = mac(salt.length == 0 ? new byte[HASH_BYTES] : salt);
        for (byte[] part : keyMaterial) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    /** The first {@code count} bytes, at most 8160, that {@code pseudorandomKey} gives for the context {@code info}. */
    public static byte[] expand(byte[] pseudorandomKey, int count, byte[]... info) {
        if (count > OUTPUT_BYTES_MAX) {
            throw new IllegalArgumentException("HKDF gives at most 8160 bytes");
        }
        Mac mac = mac(pseudorandomKey);
        byte[] output = new byte[count];
        byte[] block = {};
        for (int done = 0, number = 1; done < count; done += block.length, number++) {
            mac.update(block);
            for (byte[] part : info) {
                mac.update(part);
            }
            mac.update((byte) number);
            Arrays.fill(block, (byte) 0);
            block = mac.doFinal();
            System.arraycopy(block, 0, output, done, Math.min(block.length, count - done));
        }
        Arrays.fill(block, (byte) 0);
        return output;
    }

    /** {@link #extract} and {@link #expand} in one; leaves no intermediate key behind. */
    public static byte[] derive(byte[] salt, byte[] keyMaterial, int count, byte[]... info) {
        byte[] pseudorandomKey = extract(salt, keyMaterial);
        byte[] output = expand(pseudorandomKey, count, info);
        Arrays.fill(pseudorandomKey, (byte) 0);
        return output;
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }
}
