package dev.coppice.crypto.signing;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 private key (RFC 8032). Shows nothing when printed and is wiped on close. For one thread at a time. */
public final class SigningKey implements AutoCloseable {
    /** Bytes of the seed that is the private key. */
    public static final int SEED_BYTES = Ed25519.SECRET_KEY_SIZE;

    private final SecretBytes seed;
    private final VerifyingKey verifyingKey;

    private SigningKey(SecretBytes seed) {
        this.seed = seed;
        byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
        seed.use(bytes -> {
            Ed25519.generatePublicKey(bytes, 0, point, 0);
            return point;
        });
        this.verifyingKey = VerifyingKey.trusted(point);
    }

    public static SigningKey generate(RandomSource random) {
        return new SigningKey(SecretBytes.random(random, SEED_BYTES));
    }

    /**
     * The key of a stored seed, which is copied.
     *
     * @throws IllegalArgumentException unless it has 32 bytes
     */
    public static SigningKey of(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("A seed has 32 bytes, not " + seed.length);
        }
        return new SigningKey(SecretBytes.of(seed));
    }

    /** The public half; usable after close. */
    public VerifyingKey verifyingKey() {
        return verifyingKey;
    }

    /**
     * A signature of 64 bytes over {@code message} for {@code purpose}; the same each time.
     *
     * @throws IllegalStateException after close
     */
    public byte[] sign(Purpose purpose, byte[] message) {
        byte[] signed = purpose.signedBytes(message);
        byte[] point = verifyingKey.bytes();
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        return seed.use(bytes -> {
            Ed25519.sign(bytes, 0, point, 0, signed, 0, signed.length, signature, 0);
            return signature;
        });
    }

    /** A copy of the 32 secret bytes, for storing; the caller wipes it. */
    public byte[] seed() {
        return seed.use(byte[]::clone);
    }

    @Override
    public void close() {
        seed.close();
    }

    @Override
    public String toString() {
        return "SigningKey";
    }
}
