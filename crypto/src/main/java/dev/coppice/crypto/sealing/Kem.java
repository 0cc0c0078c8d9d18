package dev.coppice.crypto.sealing;

import com.google.errorprone.annotations.Immutable;
import java.security.InvalidKeyException;

/** How a sender and the holder of a private key come to share a secret of 32 bytes. Without state. */
@Immutable
sealed interface Kem permits DhKem, XWing {
    /** Bytes of a private key, and of the secret that is shared. */
    int SECRET_BYTES = 32;

    /** The number in HPKE's registry. */
    int id();

    int publicBytes();

    int encapsulatedBytes();

    /** Bytes of randomness that an encapsulation takes. */
    int randomBytes();

    byte[] publicKey(byte[] secret);

    /**
     * What to send to the holder of {@code recipient}'s private half.
     *
     * @param random fresh and secret; the caller wipes it
     * @param shared overwritten with the secret
     * @throws InvalidKeyException if {@code recipient} is no usable public key
     */
    byte[] encapsulate(byte[] recipient, byte[] random, byte[] shared) throws InvalidKeyException;

    /**
     * The secret of what was received.
     *
     * @throws InvalidKeyException if that is malformed
     */
    byte[] decapsulate(byte[] secret, byte[] ownPublic, byte[] encapsulated) throws InvalidKeyException;
}
