package dev.coppice.crypto.sealing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.Hkdf;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * RFC 9180 in base mode for one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Names follow the RFC's
 * sections 4 and 5. The platform's AES replaces Bouncy Castle's whole HPKE, which is several times slower a message.
 */
final class Hpke {
    static final int TAG_BYTES = 16;

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final byte[] VERSION = "HPKE-v1".getBytes(US_ASCII);
    private static final byte[] KEM_SUITE = {'K', 'E', 'M', 0x00, 0x20};
    private static final byte[] SUITE = {'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x02};
    private static final byte[] MODE_BASE = {0};
    private static final byte[] NOTHING = {};

    private Hpke() {}

    static byte[] publicKey(byte[] secret) {
        return Agreement.publicKey(secret);
    }

    /** @param ephemeral 32 fresh secret bytes; overwritten */
    static byte[] seal(byte[] recipient, byte[] plain, byte[] info, byte[] associated, byte[] ephemeral)
            throws InvalidKeyException {
        byte[] encapsulated = Agreement.publicKey(ephemeral);
        byte[] agreed = Agreement.agree(ephemeral, recipient);
        Arrays.fill(ephemeral, (byte) 0);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, agreed, encapsulated, recipient, info);
            cipher.updateAAD(associated);
            byte[] sealed = new byte[encapsulated.length + plain.length + TAG_BYTES];
            System.arraycopy(encapsulated, 0, sealed, 0, encapsulated.length);
            cipher.doFinal(plain, 0, plain.length, sealed, encapsulated.length);
            return sealed;
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    static byte[] open(byte[] secret, byte[] ownPublic, byte[] sealed, byte[] info, byte[] associated)
            throws SealBrokenException {
        if (sealed.length < Agreement.KEY_BYTES + TAG_BYTES) {
            throw new SealBrokenException();
        }
        byte[] encapsulated = Arrays.copyOf(sealed, Agreement.KEY_BYTES);
        try {
            byte[] agreed = Agreement.agree(secret, encapsulated);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, agreed, encapsulated, ownPublic, info);
            cipher.updateAAD(associated);
            return cipher.doFinal(sealed, Agreement.KEY_BYTES, sealed.length - Agreement.KEY_BYTES);
        } catch (GeneralSecurityException broken) {
            throw new SealBrokenException();
        }
    }

    /** Section 5.1, KeySchedule, for sequence number 0; wipes {@code agreed}. */
    private static Cipher cipher(int mode, byte[] agreed, byte[] encapsulated, byte[] recipient, byte[] info)
            throws GeneralSecurityException {
        byte[] shared = sharedSecret(agreed, encapsulated, recipient);
        byte[] idHash = labeledExtract(NOTHING, SUITE, "psk_id_hash", NOTHING);
        byte[] infoHash = labeledExtract(NOTHING, SUITE, "info_hash", info);
        byte[] secret = labeledExtract(shared, SUITE, "secret", NOTHING);
        byte[] key = labeledExpand(secret, KEY_BYTES, SUITE, "key", MODE_BASE, idHash, infoHash);
        byte[] nonce = labeledExpand(secret, NONCE_BYTES, SUITE, "base_nonce", MODE_BASE, idHash, infoHash);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        wipe(shared, secret, key);
        return cipher;
    }

    /** Section 4.1, ExtractAndExpand. */
    private static byte[] sharedSecret(byte[] agreed, byte[] encapsulated, byte[] recipient) {
        byte[] pseudorandomKey = labeledExtract(NOTHING, KEM_SUITE, "eae_prk", agreed);
        byte[] shared = labeledExpand(pseudorandomKey, KEY_BYTES, KEM_SUITE, "shared_secret", encapsulated, recipient);
        wipe(agreed, pseudorandomKey);
        return shared;
    }

    private static byte[] labeledExtract(byte[] salt, byte[] suite, String label, byte[] keyMaterial) {
        return Hkdf.extract(salt, VERSION, suite, label.getBytes(US_ASCII), keyMaterial);
    }

    private static byte[] labeledExpand(byte[] key, int count, byte[] suite, String label, byte[]... info) {
        byte[][] parts = new byte[4 + info.length][];
        parts[0] = new byte[] {0, (byte) count};
        parts[1] = VERSION;
        parts[2] = suite;
        parts[3] = label.getBytes(US_ASCII);
        System.arraycopy(info, 0, parts, 4, info.length);
        return Hkdf.expand(key, count, parts);
    }

    private static void wipe(byte[]... secrets) {
        for (byte[] secret : secrets) {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
