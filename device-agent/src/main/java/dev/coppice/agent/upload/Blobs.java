package dev.coppice.agent.upload;

import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.io.IOException;

/** Fetches content by its hash. What comes back is exactly what was asked for, or nothing. */
public final class Blobs {
    private Blobs() {}

    /**
     * The content with this hash.
     *
     * @param sha256 64 hexadecimal digits in lower case
     * @throws WrongBlobException if what came hashes to something else
     * @throws IOException if it cannot be had, or is longer than allowed
     */
    public static byte[] fetch(Wire wire, String sha256, int bytesMax)
            throws IOException, InterruptedException, ServerRefusedException {
        if (!Identifiers.isSha256(sha256)) {
            throw new WrongBlobException("a blob's name is 64 hexadecimal digits");
        }
        byte[] content = wire.get("/v1/blobs/" + sha256, bytesMax).toByteArray();
        if (!Sha256.hex(content).equals(sha256)) {
            throw new WrongBlobException("a blob hashes to something else than its name");
        }
        return content;
    }

    /** What the aggregator served is not what was asked for. */
    public static final class WrongBlobException extends IOException {
        private WrongBlobException(String what) {
            super(what);
        }
    }
}
