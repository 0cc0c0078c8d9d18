package dev.coppice.crypto.sealing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coppice.crypto.SecretBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Seals what is written to it, chunk by chunk, into another stream. {@link #finish} ends it; one that is closed before
 * that, by an error for example, reads as cut off. For one thread.
 */
public final class SealingOutputStream extends OutputStream {
    private final Chunks chunks;
    private final OutputStream sink;
    private final byte[] plain = new byte[Chunks.PLAIN_BYTES];
    private final byte[] sealed = new byte[Chunks.SEALED_BYTES];
    private int filled;
    private boolean over;

    SealingOutputStream(SecretBytes key, OutputStream sink) {
        this.chunks = new Chunks(key);
        this.sink = sink;
    }

    /** What the key of such a stream is exported for. */
    static byte[] purpose() {
        return "coppice/v1/STREAM".getBytes(US_ASCII);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (over) {
            throw new IOException("The sealed stream is over");
        }
        int at = offset;
        int left = length;
        while (left > 0) {
            if (filled == plain.length) {
                emit(false); // only now is it sure not to be the last
            }
            int count = Math.min(left, plain.length - filled);
            System.arraycopy(bytes, at, plain, filled, count);
            filled += count;
            at += count;
            left -= count;
        }
    }

    /** Writes the last chunk: the stream is whole. Finishing twice is harmless. */
    public void finish() throws IOException {
        if (!over) {
            emit(true);
            close();
        }
    }

    /** Wipes key and plain bytes; leaves the other stream open. */
    @Override
    public void close() {
        over = true;
        Arrays.fill(plain, (byte) 0);
        chunks.close();
    }

    private void emit(boolean last) throws IOException {
        int count = chunks.seal(plain, filled, last, sealed);
        sink.write(sealed, 0, count);
        filled = 0;
    }
}
