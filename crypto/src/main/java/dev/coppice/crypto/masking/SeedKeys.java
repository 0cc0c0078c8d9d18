package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.Hkdf;
import dev.coppice.crypto.internal.MlKem;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * The two pairs of keys, of X25519 and of ML-KEM-768, that one seed of 32 bytes gives in a round. HKDF gives each of them,
 * and not the seed itself: who computes the private key of one from its public key has neither the seed nor the other.
 */
final class SeedKeys {
    static final int SEED_BYTES = 32;

    /** What the keys are for. */
    enum Use {
        SEALING,
        MASKING
    }

    private SeedKeys() {}

    /** The private key of X25519. The caller wipes it. */
    static byte[] exchangeKey(byte[] termsHash, Use use, byte[] seed) {
        return Hkdf.derive(termsHash, seed, Agreement.KEY_BYTES, RoundContext.label(use + " X25519"));
    }

    static byte[] exchangePublic(byte[] termsHash, Use use, byte[] seed) {
        return wiping(exchangeKey(termsHash, use, seed), Agreement::publicKey);
    }

    /** The private key of ML-KEM-768, expanded. The caller wipes it. */
    static byte[] kemKey(byte[] termsHash, Use use, byte[] seed) {
        return wiping(kemSeed(termsHash, use, seed), MlKem.fastest()::expand);
    }

    static byte[] kemPublic(byte[] termsHash, Use use, byte[] seed) {
        return wiping(kemSeed(termsHash, use, seed), MlKem.fastest()::publicKey);
    }

    /** What the keys of ML-KEM-768 are made of. The caller wipes it. */
    static byte[] kemSeed(byte[] termsHash, Use use, byte[] seed) {
        return Hkdf.derive(termsHash, seed, MlKem.SEED_BYTES, RoundContext.label(use + " ML-KEM-768"));
    }

    private static byte[] wiping(byte[] secret, UnaryOperator<byte[]> action) {
        try {
            return action.apply(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
