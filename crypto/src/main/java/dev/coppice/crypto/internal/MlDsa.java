package dev.coppice.crypto.internal;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;

/**
 * ML-DSA-65 signatures (FIPS 204) with an empty context, in the deterministic variant: nothing random is needed, and
 * signing twice gives the same bytes. For any number of threads.
 */
public sealed interface MlDsa permits PlatformMlDsa, BouncyMlDsa {
    /** Bytes of the seed that a key is made of. */
    int SEED_BYTES = 32;

    int PUBLIC_BYTES = 1952;

    /** Bytes of a private key in its expanded form. */
    int SECRET_BYTES = 4032;

    int SIGNATURE_BYTES = 3309;

    /** The faster implementation of those that this virtual machine has: its own from Java 24 on. */
    static MlDsa fastest() {
        return Choice.FASTEST;
    }

    /** The public key of a seed of 32 bytes. */
    byte[] publicKey(byte[] seed);

    /** The expanded private key of a seed of 32 bytes: secret. */
    byte[] expand(byte[] seed);

    /**
     * A signature; the same each time.
     *
     * @throws InvalidKeyException if {@code secret} is no expanded private key
     */
    byte[] sign(byte[] secret, byte[] message) throws InvalidKeyException;

    /** Whether the signature holds; false for whatever is no public key. */
    boolean verifies(byte[] publicKey, byte[] message, byte[] signature);

    /** Made when first asked for. */
    final class Choice {
        private static final MlDsa FASTEST = find();

        private Choice() {}

        private static MlDsa find() {
            try {
                return new PlatformMlDsa();
            } catch (GeneralSecurityException absent) {
                return new BouncyMlDsa();
            }
        }
    }
}
