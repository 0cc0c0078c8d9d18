package dev.coppice.crypto.sealing;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import java.security.InvalidKeyException;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * The private key of one recipient of sealed bytes. Sealing is HPKE base mode (RFC 9180) with X25519, HKDF-SHA256 and
 * AES-256-GCM: only the recipient reads it, and nothing says who sealed it. Shows nothing when printed, is wiped on
 * close. For one thread at a time.
 */
public final class SealingKey implements AutoCloseable {
    /** Bytes of a private or public key. */
    public static final int KEY_BYTES = X25519.SCALAR_SIZE;

    /** Bytes by which sealed bytes are longer than the plain ones. */
    public static final int OVERHEAD_BYTES = KEY_BYTES + Hpke.TAG_BYTES;

    private final SecretBytes secret;
    private final byte[] publicKey;

    private SealingKey(SecretBytes secret) {
        this.secret = secret;
        this.publicKey = secret.use(Hpke::publicKey);
    }

    public static SealingKey generate(RandomSource random) {
        return new SealingKey(SecretBytes.random(random, KEY_BYTES));
    }

    /** A copy of the 32 bytes that others seal to; usable after close. */
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
        return secret.use(scalar -> Hpke.open(scalar, publicKey, sealed, info, associated));
    }

    /**
     * The encapsulated key of 32 bytes, then the sealed bytes with their tag.
     *
     * @param publicKey of the recipient
     * @throws InvalidKeyException if {@code publicKey} is no usable X25519 key
     */
    public static byte[] seal(byte[] publicKey, byte[] plaintext, byte[] info, byte[] associated, RandomSource random)
            throws InvalidKeyException {
        return Hpke.seal(publicKey, plaintext, info, associated, random.bytes(KEY_BYTES));
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
