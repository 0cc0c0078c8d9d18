package dev.coppice.crypto.sealing;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.AesGcm;
import javax.crypto.AEADBadTagException;

/**
 * The chunks of a long sealed stream: AES-256-GCM under a key for this stream alone, the nonce made of the chunk's number
 * and of whether it is the last one (STREAM: Hoang, Reyhanitabar, Rogaway and Vizár 2015). So none can be changed, moved,
 * left out or repeated, and the end cannot be cut off. For one thread at a time.
 */
final class Chunks implements AutoCloseable {
    /** Plain bytes of every chunk but the last. */
    static final int PLAIN_BYTES = 1 << 16;

    static final int SEALED_BYTES = PLAIN_BYTES + AesGcm.TAG_BYTES;

    private static final int LAST_AT = AesGcm.NONCE_BYTES - 1;
    private static final byte[] NOTHING = {};

    private final AesGcm cipher = new AesGcm();
    private final SecretBytes key;
    private long number;

    /** @param key copied */
    Chunks(SecretBytes key) {
        this.key = key.use(SecretBytes::of);
    }

    /** Writes the next chunk to the start of {@code sealed}, and says how many bytes that are. */
    int seal(byte[] plain, int count, boolean last, byte[] sealed) {
        byte[] nonce = nextNonce(last);
        key.use(lent -> {
            cipher.seal(lent, nonce, NOTHING, plain, count, sealed, 0);
            return sealed;
        });
        return count + AesGcm.TAG_BYTES;
    }

    byte[] open(byte[] sealed, int count, boolean last) throws SealBrokenException {
        byte[] nonce = nextNonce(last);
        try {
            return key.use(lent -> cipher.open(lent, nonce, NOTHING, sealed, 0, count));
        } catch (AEADBadTagException e) {
            throw new SealBrokenException();
        }
    }

    private byte[] nextNonce(boolean last) {
        byte[] nonce = new byte[AesGcm.NONCE_BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[LAST_AT - 1 - i] = (byte) (number >>> (i * Byte.SIZE));
        }
        nonce[LAST_AT] = (byte) (last ? 1 : 0);
        number++;
        return nonce;
    }

    @Override
    public void close() {
        key.close();
    }
}
