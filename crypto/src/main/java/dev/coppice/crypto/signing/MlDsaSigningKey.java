package dev.coppice.crypto.signing;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.MlDsa;
import java.security.InvalidKeyException;
import java.util.Arrays;

/** An ML-DSA-65 private key (FIPS 204). Keeps its expanded form beside the seed, which would take as long as signing. */
final class MlDsaSigningKey implements SigningKey {
    private final SecretBytes seed;
    private final SecretBytes expanded;
    private final VerifyingKey verifyingKey;

    MlDsaSigningKey(SecretBytes seed) {
        this.seed = seed;
        byte[] secret = seed.use(MlDsa.fastest()::expand);
        this.expanded = SecretBytes.of(secret);
        Arrays.fill(secret, (byte) 0);
        this.verifyingKey = new MlDsaVerifyingKey(seed.use(MlDsa.fastest()::publicKey));
    }

    @Override
    public VerifyingKey verifyingKey() {
        return verifyingKey;
    }

    @Override
    public synchronized byte[] signWithoutPurpose(byte[] signed) {
        try {
            return expanded.use(secret -> MlDsa.fastest().sign(secret, signed));
        } catch (InvalidKeyException madeAbove) {
            throw new AssertionError(madeAbove);
        }
    }

    @Override
    public synchronized byte[] seed() {
        return seed.use(byte[]::clone);
    }

    @Override
    public synchronized void close() {
        seed.close();
        expanded.close();
    }

    @Override
    public String toString() {
        return "SigningKey";
    }
}
