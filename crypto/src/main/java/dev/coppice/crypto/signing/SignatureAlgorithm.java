package dev.coppice.crypto.signing;

import dev.coppice.crypto.internal.MlDsa;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** How something is signed. */
public enum SignatureAlgorithm {
    /** RFC 8032: short and fast, broken by a large quantum computer. */
    ED25519(Ed25519.PUBLIC_KEY_SIZE, Ed25519.SIGNATURE_SIZE),
    /** FIPS 204, deterministic, empty context: holds against quantum computers. */
    ML_DSA_65(MlDsa.PUBLIC_BYTES, MlDsa.SIGNATURE_BYTES);

    /** Bytes of the seed of a private key, whatever the algorithm. */
    public static final int SEED_BYTES = 32;

    private final int publicBytes;
    private final int signatureBytes;

    SignatureAlgorithm(int publicBytes, int signatureBytes) {
        this.publicBytes = publicBytes;
        this.signatureBytes = signatureBytes;
    }

    /** Bytes of a public key. */
    public int publicBytes() {
        return publicBytes;
    }

    public int signatureBytes() {
        return signatureBytes;
    }
}
