package dev.coppice.crypto.internal;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** ML-KEM-768 (FIPS 203): agrees on a secret of 32 bytes with the holder of a public key. For any number of threads. */
public sealed interface MlKem permits PlatformMlKem, BouncyMlKem {
    /** Bytes of the seed that a key is made of: {@code d}, then {@code z}. */
    int SEED_BYTES = 64;

    int PUBLIC_BYTES = 1184;

    /** Bytes of a decapsulation key in its expanded form. */
    int SECRET_BYTES = 2400;

    int CIPHERTEXT_BYTES = 1088;

    /** Bytes of the secret that is agreed on, and of the randomness that it takes. */
    int SHARED_BYTES = 32;

    /** The faster implementation of those that this virtual machine has: its own from Java 24 on. */
    static MlKem fastest() {
        return Choice.FASTEST;
    }

    /** The public key of a seed of 64 bytes. */
    byte[] publicKey(byte[] seed);

    /** The expanded decapsulation key of a seed of 64 bytes: secret. */
    byte[] expand(byte[] seed);

    /**
     * The ciphertext for the holder of {@code publicKey}.
     *
     * @param random 32 fresh secret bytes
     * @param shared 32 bytes, overwritten with the secret
     * @throws InvalidKeyException if {@code publicKey} fails the checks of section 7.2
     */
    byte[] encapsulate(byte[] publicKey, byte[] random, byte[] shared) throws InvalidKeyException;

    /**
     * The secret of a ciphertext; some other secret for one that nobody made for this key (implicit rejection).
     *
     * @param secret an expanded key
     * @throws InvalidKeyException if key or ciphertext fails the checks of section 7.3
     */
    byte[] decapsulate(byte[] secret, byte[] ciphertext) throws InvalidKeyException;

    /** Section 7.2: the length, and every coefficient below the modulus. */
    static void checkPublic(byte[] publicKey) throws InvalidKeyException {
        if (publicKey.length != PUBLIC_BYTES) {
            throw new InvalidKeyException("A public key of ML-KEM-768 has 1184 bytes, not " + publicKey.length);
        }
        for (int i = 0; i < PUBLIC_BYTES - 32; i += 3) {
            int first = (publicKey[i] & 0xff) | (publicKey[i + 1] & 0xf) << 8;
            int second = (publicKey[i + 1] & 0xff) >> 4 | (publicKey[i + 2] & 0xff) << 4;
            if (first >= Choice.MODULUS || second >= Choice.MODULUS) {
                throw new InvalidKeyException("No public key of ML-KEM-768: a coefficient is too large");
            }
        }
    }

    /** Section 7.3: both lengths, and the hash of the public key that the private one holds. */
    static void checkSecret(byte[] secret, byte[] ciphertext) throws InvalidKeyException {
        if (secret.length != SECRET_BYTES || ciphertext.length != CIPHERTEXT_BYTES) {
            throw new InvalidKeyException("A private key of ML-KEM-768 has 2400 bytes, a ciphertext 1088");
        }
        try {
            MessageDigest sha3 = MessageDigest.getInstance("SHA3-256");
            sha3.update(secret, Choice.PUBLIC_AT, PUBLIC_BYTES);
            int hashAt = Choice.PUBLIC_AT + PUBLIC_BYTES;
            if (!MessageDigest.isEqual(sha3.digest(), Arrays.copyOfRange(secret, hashAt, hashAt + 32))) {
                throw new InvalidKeyException("No private key of ML-KEM-768: its hash is another");
            }
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    /** Made when first asked for. */
    final class Choice {
        private static final int MODULUS = 3329;
        private static final int PUBLIC_AT = 1152;
        private static final MlKem FASTEST = find();

        private Choice() {}

        private static MlKem find() {
            try {
                return new PlatformMlKem();
            } catch (ReflectiveOperationException | GeneralSecurityException absent) {
                return new BouncyMlKem();
            }
        }
    }
}
