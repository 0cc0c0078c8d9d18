package dev.coppice.crypto.internal;

import java.security.InvalidKeyException;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/** Bouncy Castle's, for virtual machines before Java 24. */
final class BouncyMlKem implements MlKem {
    private static final MLKEMParameters PARAMETERS = MLKEMParameters.ml_kem_768;

    @Override
    public byte[] publicKey(byte[] seed) {
        return ofSeed(seed).getPublicKey();
    }

    @Override
    public byte[] expand(byte[] seed) {
        return ofSeed(seed)
                .withPreferredFormat(MLKEMPrivateKeyParameters.EXPANDED_KEY)
                .getEncoded();
    }

    @Override
    public byte[] encapsulate(byte[] publicKey, byte[] random, byte[] shared) throws InvalidKeyException {
        MlKem.checkPublic(publicKey);
        SecretWithEncapsulation made = MLKEMGenerator.internalGenerateEncapsulated(
                new MLKEMPublicKeyParameters(PARAMETERS, publicKey), random.clone());
        System.arraycopy(made.getSecret(), 0, shared, 0, SHARED_BYTES);
        return made.getEncapsulation();
    }

    @Override
    public byte[] decapsulate(byte[] secret, byte[] ciphertext) throws InvalidKeyException {
        MlKem.checkSecret(secret, ciphertext);
        return new MLKEMExtractor(new MLKEMPrivateKeyParameters(PARAMETERS, secret)).extractSecret(ciphertext);
    }

    private static MLKEMPrivateKeyParameters ofSeed(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("A seed has 64 bytes, not " + seed.length);
        }
        return new MLKEMPrivateKeyParameters(PARAMETERS, seed);
    }
}
