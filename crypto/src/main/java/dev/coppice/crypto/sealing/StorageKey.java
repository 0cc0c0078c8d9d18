package dev.coppice.crypto.sealing;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.AesGcm;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;

/**
 * The key that a device's own files are encrypted with: AES-256-GCM (NIST SP 800-38D) under random nonces, each piece
 * bound to its place. Good for 2^32 pieces (section 8.3 there). Thread-safe.
 *
 * <p>A sealed piece is the version of this form (1 byte), a nonce (12 bytes), and as many bytes as the content and a tag
 * (16 bytes).
 */
public final class StorageKey implements AutoCloseable {
    /** Bytes of the secret. */
    public static final int SECRET_BYTES = AesGcm.KEY_BYTES;

    /** By so many bytes is a sealed piece longer than its content. */
    public static final int OVERHEAD_BYTES = 1 + AesGcm.NONCE_BYTES + AesGcm.TAG_BYTES;

    private static final byte VERSION = 1;
    private static final int CONTENT_AT = 1 + AesGcm.NONCE_BYTES;

    private final SecretBytes secret;
    private final RandomSource random;
    private final AesGcm cipher = new AesGcm();

    private StorageKey(SecretBytes secret, RandomSource random) {
        this.secret = secret;
        this.random = random;
    }

    /**
     * A key of a secret that was kept.
     *
     * @param secret 32 bytes, copied
     * @param random of nonces; two keys of one secret need unlike sources
     */
    public static StorageKey of(byte[] secret, RandomSource random) {
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("A storage key has " + SECRET_BYTES + " bytes");
        }
        return new StorageKey(SecretBytes.of(secret), random);
    }

    /**
     * Encrypts a piece.
     *
     * @param name of the file it is for
     * @param position of the piece among those of the file
     */
    public synchronized byte[] seal(String name, long position, byte[] content) {
        byte[] nonce = random.bytes(AesGcm.NONCE_BYTES);
        byte[] sealed = new byte[Math.addExact(content.length, OVERHEAD_BYTES)];
        sealed[0] = VERSION;
        System.arraycopy(nonce, 0, sealed, 1, nonce.length);
        secret.use(key -> {
            cipher.seal(key, nonce, place(name, position), content, content.length, sealed, CONTENT_AT);
            return key.length;
        });
        return sealed;
    }

    /**
     * Decrypts a piece.
     *
     * @throws SealBrokenException if it was not sealed with this key, for this file and this position, or was changed
     */
    public synchronized byte[] open(String name, long position, byte[] sealed) throws SealBrokenException {
        if (sealed.length < OVERHEAD_BYTES || sealed[0] != VERSION) {
            throw new SealBrokenException();
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1, CONTENT_AT);
        try {
            return secret.use(key ->
                    cipher.open(key, nonce, place(name, position), sealed, CONTENT_AT, sealed.length - CONTENT_AT));
        } catch (AEADBadTagException e) {
            throw new SealBrokenException();
        }
    }

    /** Whether a piece says that a later version of this software sealed it, in a form that is not known here. */
    public static boolean isOfLaterForm(byte[] sealed) {
        return sealed.length > 0 && Byte.toUnsignedInt(sealed[0]) > VERSION;
    }

    /** Wipes the secret; what is sealed or opened later throws {@link IllegalStateException}. */
    @Override
    public synchronized void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return "StorageKey";
    }

    private static byte[] place(String name, long position) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + Long.BYTES + utf8.length)
                .put(VERSION)
                .putLong(position)
                .put(utf8)
                .array();
    }
}
