package dev.coppice.aggregator.release;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Files of the repository in shorter forms for the way. They are made when somebody first asks for one and kept in memory, the
 * latest ones up to a limit. Safe for any number of threads; one at a time encodes.
 */
public final class EncodedFiles {
    /** Files that are longer than this many bytes go as they are: encoding takes several times as much memory. */
    private static final int FILE_BYTES_MAX = 1 << 25;

    private static final int KEPT_BYTES_MAX = 1 << 26;
    private static final int KEPT_MAX = 4096;
    private static final int ZSTD_LEVEL = 19;

    private final BlobStore blobs;
    private final ReentrantLock encoding = new ReentrantLock();
    private final Map<Key, Optional<Encoded>> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;

    public EncodedFiles(BlobStore blobs) {
        this.blobs = blobs;
    }

    /** How a file can be encoded, the shortest way first. */
    public enum Coding {
        /** {@link PackCoding}, which can leave out what the receiver has in another file. */
        PACK(PackCoding.NAME),
        /** Zstandard (RFC 8878), which many clients know. */
        ZSTD("zstd");

        private final String token;

        Coding(String token) {
            this.token = token;
        }

        /** Its name in HTTP. */
        public String token() {
            return token;
        }
    }

    /**
     * A file, encoded.
     *
     * @param sha256 of these bytes
     */
    public record Encoded(ByteString bytes, String sha256) {}

    private record Key(String sha256, Coding coding, Optional<String> other) {}

    /**
     * A stored file, encoded; empty if it is not stored, too long, or no shorter that way.
     *
     * @param other SHA-256 of a file that the receiver has; what is not stored here does not count
     */
    public Optional<Encoded> find(String sha256, Coding coding, Optional<String> other) throws IOException {
        Optional<String> known =
                other.filter(name -> coding == Coding.PACK && isEncodable(name) && !name.equals(sha256));
        if (!isEncodable(sha256)) {
            return Optional.empty();
        }
        Key key = new Key(sha256, coding, known);
        encoding.lock();
        try {
            Optional<Encoded> before = kept.get(key);
            if (before != null) {
                return before;
            }
            Optional<Encoded> fresh = encode(key);
            keep(key, fresh);
            return fresh;
        } finally {
            encoding.unlock();
        }
    }

    private boolean isEncodable(String sha256) {
        Optional<Path> file = blobs.find(sha256);
        try {
            return file.isPresent() && Files.size(file.get()) <= FILE_BYTES_MAX;
        } catch (IOException e) {
            return false; // gone, or not to be read: whoever serves it as it is will say so
        }
    }

    private Optional<Encoded> encode(Key key) throws IOException {
        byte[] file = blobs.read(key.sha256());
        Optional<byte[]> other =
                key.other().isPresent() ? Optional.of(blobs.read(key.other().get())) : Optional.empty();
        byte[] encoded = switch (key.coding()) {
            case PACK -> PackCoding.encode(file, other);
            case ZSTD -> Zstd.compress(file, ZSTD_LEVEL);
        };
        return encoded.length < file.length
                ? Optional.of(new Encoded(ByteString.copyFrom(encoded), Sha256.hex(encoded)))
                : Optional.empty();
    }

    private void keep(Key key, Optional<Encoded> encoded) {
        kept.put(key, encoded);
        keptBytes += bytes(encoded);
        var oldest = kept.values().iterator();
        while (keptBytes > KEPT_BYTES_MAX || kept.size() > KEPT_MAX) {
            keptBytes -= bytes(oldest.next());
            oldest.remove();
        }
    }

    private static int bytes(Optional<Encoded> encoded) {
        return encoded.map(some -> some.bytes().size()).orElse(0);
    }
}
