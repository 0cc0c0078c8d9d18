package dev.coppice.crypto.signing;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.MlDsa;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An ML-DSA-65 public key (FIPS 204); any bytes of the right length are one. */
final class MlDsaVerifyingKey implements VerifyingKey {
    private final byte[] bytes;

    MlDsaVerifyingKey(byte[] raw) {
        bytes = raw.clone();
    }

    @Override
    public SignatureAlgorithm algorithm() {
        return SignatureAlgorithm.ML_DSA_65;
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean verifiesWithoutPurpose(byte[] signed, byte[] signature) {
        return MlDsa.fastest().verifies(bytes, signed, signature);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MlDsaVerifyingKey that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The key's SHA-256: the key itself is too long to read. */
    @Override
    public String toString() {
        return Sha256.hex(bytes);
    }
}
