package dev.coppice.crypto.signing;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;

/** A private key that signs. Shows nothing when printed and is wiped on close. For any number of threads. */
public sealed interface SigningKey extends AutoCloseable permits Ed25519SigningKey, MlDsaSigningKey {
    /** Bytes of the seed that is the private key. */
    int SEED_BYTES = SignatureAlgorithm.SEED_BYTES;

    /** A fresh Ed25519 key. */
    static SigningKey generate(RandomSource random) {
        return generate(SignatureAlgorithm.ED25519, random);
    }

    /** A fresh key. */
    static SigningKey generate(SignatureAlgorithm algorithm, RandomSource random) {
        return of(algorithm, SecretBytes.random(random, SEED_BYTES));
    }

    /**
     * The Ed25519 key of a stored seed, which is copied.
     *
     * @throws IllegalArgumentException unless it has 32 bytes
     */
    static SigningKey of(byte[] seed) {
        return of(SignatureAlgorithm.ED25519, seed);
    }

    /**
     * The key of a stored seed, which is copied.
     *
     * @throws IllegalArgumentException unless it has 32 bytes
     */
    static SigningKey of(SignatureAlgorithm algorithm, byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("A seed has 32 bytes, not " + seed.length);
        }
        return of(algorithm, SecretBytes.of(seed));
    }

    private static SigningKey of(SignatureAlgorithm algorithm, SecretBytes seed) {
        return switch (algorithm) {
            case ED25519 -> new Ed25519SigningKey(seed);
            case ML_DSA_65 -> new MlDsaSigningKey(seed);
        };
    }

    /** The public half; usable after close. */
    VerifyingKey verifyingKey();

    /**
     * A signature over {@code message} for {@code purpose}; the same each time.
     *
     * @throws IllegalStateException after close
     */
    default byte[] sign(Purpose purpose, byte[] message) {
        return signWithoutPurpose(purpose.signedBytes(message));
    }

    /**
     * A signature over {@code signed} as it is. For formats of others, which keep their purposes apart themselves;
     * whoever chooses these bytes can have anything signed, so never for messages of our own.
     *
     * @throws IllegalStateException after close
     */
    byte[] signWithoutPurpose(byte[] signed);

    /** A copy of the 32 secret bytes, for storing; the caller wipes it. */
    byte[] seed();

    @Override
    void close();
}
