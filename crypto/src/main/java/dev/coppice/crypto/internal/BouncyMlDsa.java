package dev.coppice.crypto.internal;

import java.security.InvalidKeyException;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.MLDSASigner;

/** Bouncy Castle's, for virtual machines before Java 24. */
final class BouncyMlDsa implements MlDsa {
    private static final MLDSAParameters PARAMETERS = MLDSAParameters.ml_dsa_65;

    @Override
    public byte[] publicKey(byte[] seed) {
        return ofSeed(seed).getPublicKey();
    }

    @Override
    public byte[] expand(byte[] seed) {
        return ofSeed(seed)
                .withPreferredFormat(MLDSAPrivateKeyParameters.EXPANDED_KEY)
                .getEncoded();
    }

    @Override
    public byte[] sign(byte[] secret, byte[] message) throws InvalidKeyException {
        try {
            MLDSASigner signer = new MLDSASigner();
            signer.init(true, ofExpanded(secret)); // without a source of randomness: the deterministic variant
            signer.update(message, 0, message.length);
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new InvalidKeyException("No private key of ML-DSA-65", e);
        }
    }

    @Override
    public boolean verifies(byte[] publicKey, byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES || publicKey.length != PUBLIC_BYTES) {
            return false;
        }
        MLDSASigner verifier = new MLDSASigner();
        verifier.init(false, new MLDSAPublicKeyParameters(PARAMETERS, publicKey));
        verifier.update(message, 0, message.length);
        return verifier.verifySignature(signature);
    }

    private static MLDSAPrivateKeyParameters ofSeed(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("A seed has 32 bytes, not " + seed.length);
        }
        return new MLDSAPrivateKeyParameters(PARAMETERS, seed);
    }

    private static MLDSAPrivateKeyParameters ofExpanded(byte[] secret) throws InvalidKeyException {
        if (secret.length != SECRET_BYTES) {
            throw new InvalidKeyException("An expanded key has 4032 bytes, not " + secret.length);
        }
        try {
            return new MLDSAPrivateKeyParameters(PARAMETERS, secret);
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("No private key of ML-DSA-65", e);
        }
    }
}
