package dev.coppice.crypto.signing;

import java.security.InvalidKeyException;

/** A public key that verifies. Immutable, equal to others of the same bytes, safe for several threads. */
public sealed interface VerifyingKey permits Ed25519VerifyingKey, MlDsaVerifyingKey {
    /**
     * The Ed25519 key that 32 bytes of unknown origin encode.
     *
     * @throws InvalidKeyException if they are not a canonical point, or one whose order is small: such a key would
     *     accept signatures that nobody made
     */
    static VerifyingKey of(byte[] raw) throws InvalidKeyException {
        return of(SignatureAlgorithm.ED25519, raw);
    }

    /**
     * The key that bytes of unknown origin encode.
     *
     * @throws InvalidKeyException if they are no key of this algorithm
     */
    static VerifyingKey of(SignatureAlgorithm algorithm, byte[] raw) throws InvalidKeyException {
        if (raw.length != algorithm.publicBytes()) {
            throw new InvalidKeyException(
                    "A key of " + algorithm + " has " + algorithm.publicBytes() + " bytes, not " + raw.length);
        }
        return switch (algorithm) {
            case ED25519 -> Ed25519VerifyingKey.of(raw);
            case ML_DSA_65 -> new MlDsaVerifyingKey(raw);
        };
    }

    SignatureAlgorithm algorithm();

    /** A copy of the encoded bytes. */
    byte[] bytes();

    /** Whether the holder of the private half signed {@code message} for {@code purpose}. */
    default boolean verifies(Purpose purpose, byte[] message, byte[] signature) {
        return verifiesWithoutPurpose(purpose.signedBytes(message), signature);
    }

    /** Whether the holder signed just these bytes: the counterpart of {@link SigningKey#signWithoutPurpose}. */
    boolean verifiesWithoutPurpose(byte[] signed, byte[] signature);
}
