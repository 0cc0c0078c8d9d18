package dev.coppice.crypto.masking;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.MlKem;
import java.security.InvalidKeyException;
import java.util.Arrays;

/**
 * A secret of ML-KEM-768 with the ciphertext that carries it to one key; both are empty where a round agrees by X25519
 * alone. Wiped on close.
 */
final class Encapsulation implements AutoCloseable {
    static final int CIPHERTEXT_BYTES = MlKem.CIPHERTEXT_BYTES;
    static final int SEED_BYTES = MlKem.SHARED_BYTES;

    private final byte[] ciphertext;
    private final SecretBytes secret;

    /** @param secret copied, and wiped */
    Encapsulation(byte[] ciphertext, byte[] secret) {
        this.ciphertext = ciphertext;
        this.secret = SecretBytes.of(secret);
        Arrays.fill(secret, (byte) 0);
    }

    static Encapsulation none() {
        return new Encapsulation(new byte[0], new byte[0]);
    }

    /**
     * To the holder of a public key; the same again from the same seed.
     *
     * @param seed 32 secret bytes, used for this key only
     */
    static Encapsulation to(byte[] publicKey, byte[] seed) throws InvalidKeyException {
        byte[] secret = new byte[MlKem.SHARED_BYTES];
        byte[] ciphertext = MlKem.fastest().encapsulate(publicKey, seed, secret);
        return new Encapsulation(ciphertext, secret);
    }

    /**
     * As its recipient has it. A ciphertext that nobody made for this key gives a secret that nobody else has.
     *
     * @param key private, expanded
     * @throws InvalidKeyException if the ciphertext has another length
     */
    static Encapsulation received(byte[] ciphertext, byte[] key) throws InvalidKeyException {
        return new Encapsulation(ciphertext, MlKem.fastest().decapsulate(key, ciphertext));
    }

    /** Whether a public key passes the checks of FIPS 203, section 7.2. */
    static boolean isUsable(byte[] publicKey) {
        try {
            MlKem.checkPublic(publicKey);
            return true;
        } catch (InvalidKeyException unusable) {
            return false;
        }
    }

    byte[] ciphertext() {
        return ciphertext.clone();
    }

    byte[] ciphertextHash() {
        return Sha256.hash(ciphertext);
    }

    /** What X25519 gave, and then this secret, both of fixed length. The caller wipes it. */
    byte[] after(byte[] agreed) {
        return secret.use(bytes -> {
            byte[] both = Arrays.copyOf(agreed, agreed.length + bytes.length);
            System.arraycopy(bytes, 0, both, agreed.length, bytes.length);
            return both;
        });
    }

    @Override
    public void close() {
        secret.close();
    }
}
