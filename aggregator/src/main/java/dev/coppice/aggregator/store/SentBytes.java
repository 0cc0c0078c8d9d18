package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;

/**
 * A message as its device sent it.
 *
 * @param sha256 of the bytes, in 64 lower-case hexadecimal digits
 */
public record SentBytes(ByteString bytes, String sha256) {
    public static SentBytes of(ByteString bytes) {
        return new SentBytes(bytes, Sha256.hex(bytes.toByteArray()));
    }
}
