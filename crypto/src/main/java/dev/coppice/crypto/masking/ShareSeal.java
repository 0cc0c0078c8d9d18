package dev.coppice.crypto.masking;

import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals shares: AES-256-GCM with a key that is used for one message, and therefore with a nonce of zeros. Whoever knows the
 * key is one of the two that agreed on it, so that what opens is from the other. For one thread at a time.
 */
final class ShareSeal {
    static final int KEY_BYTES = 32;
    static final int TAG_BYTES = 16;

    private static final byte[] NONCE = new byte[12];

    private final Cipher cipher;

    ShareSeal() {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    /** The sealed bytes with their tag. */
    byte[] seal(byte[] key, byte[] plain, byte[] associated) {
        try {
            return run(Cipher.ENCRYPT_MODE, key, plain, associated);
        } catch (GeneralSecurityException wrongKeyLength) {
            throw new IllegalArgumentException("A seal's key has 32 bytes and is used once", wrongKeyLength);
        }
    }

    /** The plain bytes; empty if these were not sealed so with this key. */
    Optional<byte[]> open(byte[] key, byte[] sealed, byte[] associated) {
        if (sealed.length < TAG_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(run(Cipher.DECRYPT_MODE, key, sealed, associated));
        } catch (AEADBadTagException broken) {
            return Optional.empty();
        } catch (GeneralSecurityException wrongKeyLength) {
            throw new IllegalArgumentException("A seal's key has 32 bytes", wrongKeyLength);
        }
    }

    private byte[] run(int mode, byte[] key, byte[] input, byte[] associated) throws GeneralSecurityException {
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, NONCE));
        cipher.updateAAD(associated);
        return cipher.doFinal(input);
    }
}
