package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** A reply in memory. For one thread at a time. */
final class GatheredReply implements Transport.Sink {
    /** What {@link #content} can read. */
    static final String ENCODING = "gzip";

    private static final int BUFFER_BYTES = 1 << 14;

    private int status;
    private Map<String, String> headers = Map.of();
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void head(int ofReply, Map<String, String> ofHead) {
        status = ofReply;
        headers = Map.copyOf(ofHead);
        bytes = new ByteArrayOutputStream();
    }

    @Override
    public void body(byte[] part) throws IOException {
        bytes.write(part);
    }

    int status() {
        return status;
    }

    /** As it came. */
    ByteString body() {
        return ByteString.copyFrom(bytes.toByteArray());
    }

    /**
     * Decoded.
     *
     * @throws IOException if it is longer than that, or encoded in another way; no more is unpacked
     */
    byte[] content(int bytesMax) throws IOException {
        String encoding = headers.getOrDefault("content-encoding", "");
        if (encoding.isEmpty()) {
            return bytes.toByteArray();
        }
        if (!encoding.equals(ENCODING)) {
            throw new IOException("a reply in an encoding that was not asked for");
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream decoded = new GZIPInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            for (int count = decoded.read(buffer); count >= 0; count = decoded.read(buffer)) {
                if (count > bytesMax - content.size()) {
                    throw new IOException("a reply of more than " + bytesMax + " bytes");
                }
                content.write(buffer, 0, count);
            }
        }
        return content.toByteArray();
    }
}
