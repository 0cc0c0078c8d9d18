package dev.coppice.crypto.sealing;

import dev.coppice.crypto.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Opens a sealed stream chunk by chunk. What it gives was sealed, in this order, by the sender; that it is <i>all</i>,
 * is known when it ends: act on nothing before. For one thread.
 */
public final class OpeningInputStream extends InputStream {
    private final Chunks chunks;
    private final InputStream source;
    /** One byte more than a chunk, which tells whether another follows. */
    private final byte[] sealed = new byte[Chunks.SEALED_BYTES + 1];

    private int carried = -1;
    private byte[] plain = {};
    private int at;
    private boolean last;
    private boolean broken;

    /** A stream that was changed, reordered or cut off. */
    public static final class BrokenStreamException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenStreamException() {
            super("A sealed stream does not open, or is cut off");
        }
    }

    OpeningInputStream(SecretBytes key, InputStream source) {
        this.chunks = new Chunks(key);
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws BrokenStreamException once what follows is not what was sealed */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == plain.length && !last) {
            next();
        }
        if (at == plain.length) {
            return -1;
        }
        int count = Math.min(length, plain.length - at);
        System.arraycopy(plain, at, bytes, offset, count);
        at += count;
        return count;
    }

    private void next() throws IOException {
        int filled = 0;
        if (carried >= 0) {
            sealed[filled++] = (byte) carried;
        }
        filled += source.readNBytes(sealed, filled, sealed.length - filled);
        boolean more = filled == sealed.length;
        carried = more ? sealed[Chunks.SEALED_BYTES] & 0xff : -1;
        Arrays.fill(plain, (byte) 0);
        at = plain.length;
        try {
            if (broken) {
                throw new BrokenStreamException();
            }
            plain = chunks.open(sealed, more ? Chunks.SEALED_BYTES : filled, !more);
        } catch (SealBrokenException e) {
            broken = true;
            throw new BrokenStreamException();
        }
        at = 0;
        last = !more;
    }

    /** Wipes key and plain bytes; leaves the other stream open. */
    @Override
    public void close() {
        Arrays.fill(plain, (byte) 0);
        at = plain.length;
        chunks.close();
    }
}
