package dev.coppice.crypto.signing;

import dev.coppice.crypto.Sha256;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/** An Ed25519 public key (RFC 8032): a point of full order in canonical form. Immutable, safe for several threads. */
public final class VerifyingKey {
    /** Bytes of an encoded key. */
    public static final int BYTES = Ed25519.PUBLIC_KEY_SIZE;

    private final byte[] bytes;

    private VerifyingKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The key that 32 bytes of unknown origin encode.
     *
     * @throws InvalidKeyException if they are not a canonical point, or one whose order is small: such a key would
     *     accept signatures that nobody made
     */
    public static VerifyingKey of(byte[] raw) throws InvalidKeyException {
        if (raw.length != BYTES) {
            throw new InvalidKeyException("A verifying key has 32 bytes, not " + raw.length);
        }
        if (!Ed25519.validatePublicKeyPartial(raw, 0)) {
            throw new InvalidKeyException("Not an Ed25519 public key");
        }
        return new VerifyingKey(raw.clone());
    }

    /** For a point that we have just computed. */
    static VerifyingKey trusted(byte[] point) {
        return new VerifyingKey(point.clone());
    }

    /** A copy of the 32 encoded bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The SHA-256 of the encoded key. */
    public byte[] keyId() {
        return Sha256.hash(bytes);
    }

    /** Whether the holder of the private half signed {@code message} for {@code purpose}. */
    public boolean verifies(Purpose purpose, byte[] message, byte[] signature) {
        return verifiesBytes(purpose.signedBytes(message), signature);
    }

    boolean verifiesBytes(byte[] signed, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, bytes, 0, signed, 0, signed.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VerifyingKey that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The key in hexadecimal digits: it is public. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
