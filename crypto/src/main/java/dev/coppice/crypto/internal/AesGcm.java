package dev.coppice.crypto.internal;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with nonces of 12 bytes and tags of 16, by the platform, whose code uses the processor's
 * instructions. Keeps its cipher between calls; for one thread at a time.
 */
public final class AesGcm {
    public static final int KEY_BYTES = 32;
    public static final int NONCE_BYTES = 12;
    public static final int TAG_BYTES = 16;

    private final Cipher cipher;

    public AesGcm() {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    /**
     * Writes {@code count} sealed bytes and the tag to {@code sealed}.
     *
     * @param nonce never used before with this key
     */
    public void seal(
            byte[] key, byte[] nonce, byte[] associated, byte[] plain, int count, byte[] sealed, int sealedAt) {
        try {
            start(Cipher.ENCRYPT_MODE, key, nonce, associated);
            cipher.doFinal(plain, 0, count, sealed, sealedAt);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A nonce was used twice", e);
        }
    }

    /**
     * The plain bytes.
     *
     * @throws AEADBadTagException if these bytes were not sealed so, or are too few
     */
    public byte[] open(byte[] key, byte[] nonce, byte[] associated, byte[] sealed, int from, int count)
            throws AEADBadTagException {
        try {
            start(Cipher.DECRYPT_MODE, key, nonce, associated);
            return cipher.doFinal(sealed, from, count);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private void start(int mode, byte[] key, byte[] nonce, byte[] associated) throws GeneralSecurityException {
        if (key.length != KEY_BYTES || nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException("A key has 32 bytes and a nonce 12");
        }
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        cipher.updateAAD(associated);
    }
}
