package dev.coppice.crypto.internal;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Signature;
import java.security.SignatureException;

/** The virtual machine's own: Java 24 and later. */
final class PlatformMlDsa implements MlDsa {
    private static final String NAME = "ML-DSA-65";
    /** The random input of FIPS 204's deterministic variant. */
    private static final int HEDGE_BYTES = 32;

    private final PlatformKeys keys = new PlatformKeys(NAME, SEED_BYTES, PUBLIC_BYTES, SECRET_BYTES);

    PlatformMlDsa() throws GeneralSecurityException {}

    @Override
    public byte[] publicKey(byte[] seed) {
        return keys.publicKey(keys.pair(seed));
    }

    @Override
    public byte[] expand(byte[] seed) {
        return keys.secretKey(keys.pair(seed));
    }

    @Override
    public byte[] sign(byte[] secret, byte[] message) throws InvalidKeyException {
        try {
            Signature signature = Signature.getInstance(NAME);
            signature.initSign(keys.secretKey(secret), new FixedRandom(new byte[HEDGE_BYTES]));
            signature.update(message);
            return signature.sign();
        } catch (InvalidKeyException e) {
            throw e;
        } catch (GeneralSecurityException workedBefore) {
            throw new AssertionError(workedBefore);
        }
    }

    @Override
    public boolean verifies(byte[] publicKey, byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(NAME);
            verifier.initVerify(keys.publicKey(publicKey));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException malformed) {
            return false;
        } catch (GeneralSecurityException workedBefore) {
            throw new AssertionError(workedBefore);
        }
    }
}
