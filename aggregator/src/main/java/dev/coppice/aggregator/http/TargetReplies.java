package dev.coppice.aggregator.http;

import dev.coppice.aggregator.release.EncodedFiles;
import dev.coppice.aggregator.release.EncodedFiles.Coding;
import dev.coppice.aggregator.release.EncodedFiles.Encoded;
import dev.coppice.aggregator.store.BlobStore;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files that are named by their hash, in the shortest form that the asker can read. */
final class TargetReplies {
    /** A file that the asker has, by its SHA-256 (RFC 9842, section 2.2). */
    private static final String AVAILABLE_DICTIONARY = "Available-Dictionary";

    private static final Pattern SHA256 = Pattern.compile(":([A-Za-z0-9+/]{43}=):");

    private final BlobStore blobs;
    private final EncodedFiles encoded;

    TargetReplies(BlobStore blobs, EncodedFiles encoded) {
        this.blobs = blobs;
        this.encoded = encoded;
    }

    HttpResponse<?> reply(HttpHeaders asked, String sha256) throws IOException {
        Optional<Path> file = blobs.find(sha256);
        if (file.isEmpty()) {
            return Caching.missing();
        }
        for (Coding coding : Coding.values()) {
            Optional<Encoded> form = FileReply.accepts(asked, coding.token())
                    ? encoded.find(sha256, coding, available(asked))
                    : Optional.empty();
            if (form.isPresent()) {
                return described(inMemory(asked, form.get())).header(HttpHeaders.CONTENT_ENCODING, coding.token());
            }
        }
        return described(onDisk(asked, sha256, file.get()));
    }

    private static MutableHttpResponse<?> described(MutableHttpResponse<?> reply) {
        return reply.contentType(MediaType.APPLICATION_OCTET_STREAM_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, Caching.FOR_EVER)
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING + ", " + AVAILABLE_DICTIONARY);
    }

    private static MutableHttpResponse<?> inMemory(HttpHeaders asked, Encoded form) {
        return new FileReply(asked, form.sha256(), form.bytes().size(), Instant.EPOCH)
                .of(from -> form.bytes().substring((int) from).newInput());
    }

    private static MutableHttpResponse<?> onDisk(HttpHeaders asked, String sha256, Path file) throws IOException {
        long length = Files.size(file);
        return new FileReply(asked, sha256, length, Instant.EPOCH).of(from -> part(file, from));
    }

    private static InputStream part(Path file, long from) {
        try {
            InputStream all = Files.newInputStream(file);
            all.skipNBytes(from);
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> available(HttpHeaders asked) {
        Matcher hash = SHA256.matcher(asked.get(AVAILABLE_DICTIONARY, String.class, ""));
        return hash.matches()
                ? Optional.of(HexFormat.of().formatHex(Base64.getDecoder().decode(hash.group(1))))
                : Optional.empty();
    }
}
