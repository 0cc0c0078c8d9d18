package dev.coppice.crypto.signing;

import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/** An Ed25519 public key (RFC 8032): a point of full order in canonical form. */
final class Ed25519VerifyingKey implements VerifyingKey {
    private final byte[] bytes;

    private Ed25519VerifyingKey(byte[] bytes) {
        this.bytes = bytes;
    }

    static Ed25519VerifyingKey of(byte[] raw) throws InvalidKeyException {
        if (!Ed25519.validatePublicKeyPartial(raw, 0)) {
            throw new InvalidKeyException("Not an Ed25519 public key");
        }
        return new Ed25519VerifyingKey(raw.clone());
    }

    /** For a point that we have just computed. */
    static Ed25519VerifyingKey trusted(byte[] point) {
        return new Ed25519VerifyingKey(point.clone());
    }

    @Override
    public SignatureAlgorithm algorithm() {
        return SignatureAlgorithm.ED25519;
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean verifiesWithoutPurpose(byte[] signed, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, bytes, 0, signed, 0, signed.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Ed25519VerifyingKey that && Arrays.equals(bytes, that.bytes);
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
