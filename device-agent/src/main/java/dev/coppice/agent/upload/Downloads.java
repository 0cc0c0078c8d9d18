package dev.coppice.agent.upload;

import dev.coppice.adapters.transfer.CodingRefusedException;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.agent.store.PartialFile;
import dev.coppice.agent.store.StoreFailedException;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.TargetFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches files that release keys vouch for, in the shortest form that the aggregator has, and goes on where an earlier attempt
 * was cut off, by this process or one before it: what came is kept until {@link #clear}. Never takes more bytes than were signed for; gives back nothing but what was
 * signed. For one thread at a time.
 */
public final class Downloads {
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int NOT_FOUND = 404;
    private static final int PARTIAL_CONTENT = 206;
    private static final String PLAIN = "plain ";
    private static final String ENCODED = "encoded ";
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,12})-[0-9]{1,12}/[0-9]{1,12}");

    private final Wire wire;
    private final Path folder;

    /** @param folder where parts lie until they are whole; made if it is missing */
    public Downloads(Wire wire, Path folder) {
        this.wire = wire;
        this.folder = folder;
    }

    /**
     * A file, as it was signed.
     *
     * @param other a file that the aggregator may have too; what it shares with that need not come
     * @throws MetadataRefusedException if the aggregator does not have it, or another one in its place
     * @throws UnreachableException if it did not come whole
     * @throws StoreFailedException if it cannot be kept
     */
    public byte[] fetch(TargetFile target, Optional<byte[]> other)
            throws MetadataRefusedException, IOException, InterruptedException {
        Part part = new Part(PartialFile.open(folder, target.sha256(), target.length()), target, other);
        boolean isResumed = part.file.size() > 0;
        try {
            return part.fetch();
        } catch (MetadataRefusedException.Mismatched e) {
            part.file.delete();
            if (!isResumed) {
                throw e;
            }
        }
        return part.fetch(); // a power cut may have spoiled what was there: once more, from the beginning
    }

    /** Deletes all that came: the pack it belongs to is whole, or is not wanted any more. */
    public void clear() throws IOException {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder)) {
                for (Path part : parts) {
                    Files.deleteIfExists(part);
                }
            }
        }
    }

    /** One file on its way. The tag of what came is its entity tag, after whether it is encoded. */
    private final class Part implements Transport.Sink {
        private final PartialFile file;
        private final TargetFile target;
        private final Optional<byte[]> other;

        Part(PartialFile file, TargetFile target, Optional<byte[]> other) {
            this.file = file;
            this.target = target;
            this.other = other;
        }

        /** All of it, decoded and verified; what came stays until {@link Downloads#clear}. */
        byte[] fetch() throws MetadataRefusedException, IOException, InterruptedException {
            try {
                wire.fetch(this::request, this);
            } catch (ServerRefusedException e) {
                if (e.status() == NOT_FOUND) {
                    throw new MetadataRefusedException.Missing(target.path());
                }
                if (e.status() != RANGE_NOT_SATISFIABLE) { // there is nothing after what is here
                    throw new UnreachableException(String.valueOf(e.getMessage()), e);
                }
            } catch (StoreFailedException e) {
                throw e;
            } catch (IOException e) {
                throw new UnreachableException(String.valueOf(e.getMessage()), e);
            }
            byte[] came = file.content();
            return target.verified(file.tag().startsWith(ENCODED) ? decoded(came) : came);
        }

        private byte[] decoded(byte[] came) throws MetadataRefusedException.Mismatched {
            try {
                return PackCoding.decode(came, other, Math.toIntExact(target.length()));
            } catch (CodingRefusedException e) {
                throw new MetadataRefusedException.Mismatched(target.path(), "its encoding: " + e.getMessage());
            }
        }

        private Transport.Fetch request() {
            Map<String, String> headers = new HashMap<>();
            headers.put("Accept-Encoding", PackCoding.NAME);
            other.ifPresent(bytes -> headers.put("Available-Dictionary", dictionary(bytes)));
            String entity = file.tag().substring(file.tag().indexOf(' ') + 1);
            if (file.size() > 0 && !entity.isEmpty()) {
                headers.put("Range", "bytes=" + file.size() + "-");
                headers.put("If-Range", entity);
            }
            return new Transport.Fetch(
                    "/v1/repository/targets/" + target.location(), headers, Math.toIntExact(target.length()));
        }

        @Override
        public void head(int status, Map<String, String> headers) throws IOException {
            String tag = tag(headers);
            if (status != PARTIAL_CONTENT) {
                file.begin(tag);
                return;
            }
            Matcher range = CONTENT_RANGE.matcher(headers.getOrDefault("content-range", ""));
            boolean isRest = tag.equals(file.tag()) && range.matches() && Long.parseLong(range.group(1)) == file.size();
            if (!isRest) {
                file.delete();
                throw new IOException("the aggregator sent another part than was asked for");
            }
        }

        @Override
        public void body(byte[] bytes) throws IOException {
            file.add(bytes);
        }
    }

    private static String tag(Map<String, String> headers) throws IOException {
        String encoding = headers.getOrDefault("content-encoding", "");
        if (!encoding.isEmpty() && !encoding.equals(PackCoding.NAME)) {
            throw new IOException("the aggregator sent an encoding that was not asked for");
        }
        String entity = headers.getOrDefault("etag", "");
        return (encoding.isEmpty() ? PLAIN : ENCODED) + (entity.startsWith("W/") ? "" : entity);
    }

    /** As RFC 9842, section 2.2 writes it. */
    private static String dictionary(byte[] bytes) {
        return ":" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(Sha256.hex(bytes))) + ":";
    }
}
