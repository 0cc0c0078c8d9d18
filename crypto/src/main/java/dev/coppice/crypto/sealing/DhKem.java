package dev.coppice.crypto.sealing;

import com.google.errorprone.annotations.Immutable;
import dev.coppice.crypto.internal.Agreement;
import java.security.InvalidKeyException;

/** DHKEM(X25519, HKDF-SHA256): RFC 9180, section 4.1. */
@Immutable
final class DhKem implements Kem {
    private static final LabeledHkdf HKDF = new LabeledHkdf(new byte[] {'K', 'E', 'M', 0x00, 0x20});
    private static final byte[] NOTHING = {};

    @Override
    public int id() {
        return 0x0020;
    }

    @Override
    public int publicBytes() {
        return Agreement.KEY_BYTES;
    }

    @Override
    public int encapsulatedBytes() {
        return Agreement.KEY_BYTES;
    }

    @Override
    public int randomBytes() {
        return Agreement.KEY_BYTES;
    }

    @Override
    public byte[] publicKey(byte[] secret) {
        return Agreement.publicKey(secret);
    }

    @Override
    public byte[] encapsulate(byte[] recipient, byte[] random, byte[] shared) throws InvalidKeyException {
        byte[] encapsulated = Agreement.publicKey(random);
        byte[] secret = sharedSecret(Agreement.agree(random, recipient), encapsulated, recipient);
        System.arraycopy(secret, 0, shared, 0, SECRET_BYTES);
        LabeledHkdf.wipe(secret);
        return encapsulated;
    }

    @Override
    public byte[] decapsulate(byte[] secret, byte[] ownPublic, byte[] encapsulated) throws InvalidKeyException {
        return sharedSecret(Agreement.agree(secret, encapsulated), encapsulated, ownPublic);
    }

    /** ExtractAndExpand; wipes {@code agreed}. */
    private static byte[] sharedSecret(byte[] agreed, byte[] encapsulated, byte[] recipient) {
        byte[] pseudorandomKey = HKDF.extract(NOTHING, "eae_prk", agreed);
        byte[] shared = HKDF.expand(pseudorandomKey, SECRET_BYTES, "shared_secret", encapsulated, recipient);
        LabeledHkdf.wipe(agreed, pseudorandomKey);
        return shared;
    }
}
