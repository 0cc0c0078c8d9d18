package dev.coppice.crypto.masking;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Shamir;
import dev.coppice.protocol.round.RevealedShare.Secret;
import java.util.Arrays;

/** What one neighbour holds of a device: a share of each of its two secrets, of which it gives away one at most. */
final class SharePair implements AutoCloseable {
    static final int BYTES = 2 * Shamir.SHARE_BYTES;

    private final Once once = new Once();
    private final SecretBytes both;

    private SharePair(SecretBytes both) {
        this.both = both;
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** The part of {@code both} that is the share of one of the two secrets. */
    static byte[] part(byte[] both, Secret secret) {
        int from = secret == Secret.SELF_MASK ? 0 : Shamir.SHARE_BYTES;
        return Arrays.copyOfRange(both, from, from + Shamir.SHARE_BYTES);
    }

    /** Whether these bytes are two shares. */
    static boolean isPair(byte[] both) {
        return both.length == BYTES
                && Shamir.isShare(part(both, Secret.SELF_MASK))
                && Shamir.isShare(part(both, Secret.MASKING_KEY));
    }

    static SharePair of(byte[] both) {
        return new SharePair(SecretBytes.of(both));
    }

    /**
     * The share of one of the two secrets; the other is gone.
     *
     * @throws IllegalStateException on a second call, whichever is asked for
     */
    byte[] reveal(Secret secret) {
        once.use();
        byte[] share = both.use(bytes -> part(bytes, secret));
        close();
        return share;
    }

    @Override
    public void close() {
        once.close();
        both.close();
    }
}
