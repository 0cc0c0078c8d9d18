package dev.coppice.crypto.sealing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;

/**
 * What both sides have once a secret is shared: RFC 9180, section 5, in base mode with HKDF-SHA256. Seals messages one
 * after the other, or opens them in the same order, and exports secrets. Wiped on close; for one thread at a time.
 */
final class HpkeContext implements AutoCloseable {
    private static final byte[] MODE_BASE = {0};
    private static final byte[] NOTHING = {};

    private final LabeledHkdf hkdf;
    private final Aead aead;
    private final byte[] schedule;
    private final byte[] secret;
    private final byte[] key;
    private final byte[] baseNonce;
    private long sequence;

    /** Section 5.1, KeySchedule. Wipes {@code shared}. */
    HpkeContext(Kem kem, Aead aead, byte[] shared, byte[] info) {
        this.aead = aead;
        hkdf = new LabeledHkdf(suite(kem.id(), aead.id()));
        schedule = joined(
                MODE_BASE, hkdf.extract(NOTHING, "psk_id_hash", NOTHING), hkdf.extract(NOTHING, "info_hash", info));
        secret = hkdf.extract(shared, "secret", NOTHING);
        key = hkdf.expand(secret, Aead.KEY_BYTES, "key", schedule);
        baseNonce = hkdf.expand(secret, Aead.NONCE_BYTES, "base_nonce", schedule);
        LabeledHkdf.wipe(shared);
    }

    byte[] seal(byte[] associated, byte[] plain) {
        try {
            return aead.start(Cipher.ENCRYPT_MODE, key, nextNonce(), associated).doFinal(plain);
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    byte[] open(byte[] associated, byte[] sealed) throws SealBrokenException {
        try {
            return aead.start(Cipher.DECRYPT_MODE, key, nextNonce(), associated).doFinal(sealed);
        } catch (GeneralSecurityException broken) {
            throw new SealBrokenException();
        }
    }

    /** Section 5.3: secret bytes for {@code purpose} that only both sides know. */
    byte[] export(byte[] purpose, int count) {
        byte[] exporter = hkdf.expand(secret, Kem.SECRET_BYTES, "exp", schedule);
        byte[] exported = hkdf.expand(exporter, count, "sec", purpose);
        LabeledHkdf.wipe(exporter);
        return exported;
    }

    @Override
    public void close() {
        LabeledHkdf.wipe(secret, key, baseNonce);
    }

    private byte[] nextNonce() {
        byte[] nonce = baseNonce.clone();
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[nonce.length - 1 - i] ^= (byte) (sequence >>> (i * Byte.SIZE));
        }
        sequence++;
        return nonce;
    }

    private static byte[] suite(int kem, int aead) {
        byte[] suite = Arrays.copyOf("HPKE".getBytes(US_ASCII), 10);
        suite[4] = (byte) (kem >> Byte.SIZE);
        suite[5] = (byte) kem;
        suite[7] = 1; // HKDF-SHA256
        suite[8] = (byte) (aead >> Byte.SIZE);
        suite[9] = (byte) aead;
        return suite;
    }

    private static byte[] joined(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
