package dev.coppice.crypto.sealing;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.security.InvalidKeyException;

/**
 * The private key of one recipient of sealed bytes: only the recipient reads them, and nothing says who sealed them.
 * Shows nothing when printed, is wiped on close. For one thread at a time.
 */
public final class SealingKey implements AutoCloseable {
    /** Bytes of a private key of any suite, and of a public one of X25519. */
    public static final int KEY_BYTES = Kem.SECRET_BYTES;

    /** Bytes by which bytes sealed with X25519 are longer than the plain ones. */
    public static final int OVERHEAD_BYTES = KEY_BYTES + Aead.TAG_BYTES;

    private final SealingSuite suite;
    private final SecretBytes secret;
    private final byte[] publicKey;

    private SealingKey(SealingSuite suite, SecretBytes secret) {
        this.suite = suite;
        this.secret = secret;
        this.publicKey = secret.use(suite.kem()::publicKey);
    }

    /** A fresh key of X25519. */
    public static SealingKey generate(RandomSource random) {
        return generate(SealingSuite.X25519, random);
    }

    public static SealingKey generate(SealingSuite suite, RandomSource random) {
        return new SealingKey(suite, SecretBytes.random(random, KEY_BYTES));
    }

    /**
     * The key of 32 stored bytes, which are copied.
     *
     * @throws IllegalArgumentException unless there are 32
     */
    public static SealingKey of(SealingSuite suite, byte[] secret) {
        if (secret.length != KEY_BYTES) {
            throw new IllegalArgumentException("A sealing key has 32 bytes, not " + secret.length);
        }
        return new SealingKey(suite, SecretBytes.of(secret));
    }

    public SealingSuite suite() {
        return suite;
    }

    /** A copy of the bytes that others seal to; usable after close. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /**
     * The plain bytes.
     *
     * @param info the context that they were sealed in
     * @param associated further bytes that they were bound to
     * @throws SealBrokenException if they were not sealed so to this key, or were changed
     * @throws IllegalStateException after close
     */
    public byte[] open(byte[] sealed, byte[] info, byte[] associated) throws SealBrokenException {
        return secret.use(scalar -> Hpke.open(suite.kem(), scalar, publicKey, sealed, info, associated));
    }

    /**
     * The secret that a sender exported: of the same bytes, context and purpose, or else another.
     *
     * @throws SealBrokenException if {@code encapsulated} is malformed
     * @throws IllegalStateException after close
     */
    public SecretBytes export(byte[] encapsulated, byte[] info, byte[] purpose) throws SealBrokenException {
        return secret.use(scalar -> {
            try (HpkeContext context =
                    Hpke.receiver(suite.kem(), Aead.AES_256_GCM, scalar, publicKey, encapsulated, info)) {
                return SealingSuite.secret(context, purpose);
            }
        });
    }

    /**
     * A stream of the plain bytes of a stream that {@link SealingSuite#sealingStream} wrote.
     *
     * @param source stays the caller's to close
     * @throws SealBrokenException if it is too short to begin with
     * @throws IllegalStateException after close
     */
    public OpeningInputStream openingStream(byte[] info, InputStream source) throws SealBrokenException, IOException {
        byte[] encapsulated = source.readNBytes(suite.kem().encapsulatedBytes());
        if (encapsulated.length < suite.kem().encapsulatedBytes()) {
            throw new SealBrokenException();
        }
        try (SecretBytes key = export(encapsulated, info, SealingOutputStream.purpose())) {
            return new OpeningInputStream(key, source);
        }
    }

    /** {@link SealingSuite#seal} with X25519. */
    public static byte[] seal(byte[] publicKey, byte[] plaintext, byte[] info, byte[] associated, RandomSource random)
            throws InvalidKeyException {
        return SealingSuite.X25519.seal(publicKey, plaintext, info, associated, random);
    }

    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return "SealingKey";
    }
}
