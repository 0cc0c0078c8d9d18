package dev.coppice.adapters.transfer;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** DEFLATE (RFC 1951) by the platform, without any header. */
final class Deflation {
    private static final int BUFFER_BYTES = 1 << 16;

    private Deflation() {}

    /** The shorter of what Huffman codes alone and what repetitions bring: numbers have none, texts have. */
    static byte[] deflate(byte[] content) {
        byte[] codes = deflate(content, Deflater.HUFFMAN_ONLY);
        byte[] repetitions = deflate(content, Deflater.DEFAULT_STRATEGY);
        return repetitions.length < codes.length ? repetitions : codes;
    }

    private static byte[] deflate(byte[] content, int strategy) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try {
            deflater.setStrategy(strategy);
            deflater.setInput(content);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    /**
     * Content of a length that is known.
     *
     * @throws CodingRefusedException if it is shorter, longer or broken, or something follows it; no more is unpacked
     */
    static byte[] inflate(byte[] deflated, int length) throws CodingRefusedException {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(deflated);
            byte[] content = new byte[length];
            int filled = 0;
            while (filled < length) {
                int more = inflater.inflate(content, filled, length - filled);
                if (more == 0) {
                    throw new CodingRefusedException("a part is too short");
                }
                filled += more;
            }
            boolean over = inflater.inflate(new byte[1]) == 0 && inflater.finished();
            if (!over || inflater.getRemaining() > 0) {
                throw new CodingRefusedException("a part is too long");
            }
            return content;
        } catch (DataFormatException e) {
            throw new CodingRefusedException("a part is broken");
        } finally {
            inflater.end();
        }
    }
}
