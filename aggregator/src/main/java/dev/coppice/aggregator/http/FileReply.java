package dev.coppice.aggregator.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.types.files.StreamedFile;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers to whoever fetches a file that never changes: all of it, what is left of it (RFC 9110, section 14), or that the asker
 * has it. Ranges are those that go on to the end; others count as none. A file goes in pieces, each once the asker's window and
 * connection have room for it: see {@link WholeReplies}.
 */
public final class FileReply {
    private static final Pattern REFUSED = Pattern.compile(";\\s*q=0(\\.0*)?\\s*$");
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{1,12})-");

    private final HttpHeaders asked;
    private final String etag;
    private final long length;
    private final Instant modified;

    /** The file from a place on. */
    @FunctionalInterface
    public interface Part {
        InputStream from(long from);
    }

    /**
     * For one request.
     *
     * @param asked the request's headers
     * @param sha256 of what would be sent, encoding included: a strong entity tag
     * @param length of that, in bytes
     * @param modified since when the file has been what it is under its name
     */
    public FileReply(HttpHeaders asked, String sha256, long length, Instant modified) {
        this.asked = asked;
        this.etag = "\"" + sha256 + "\"";
        this.length = length;
        this.modified = modified;
    }

    /**
     * The reply.
     *
     * @param part as a body, which is read piece by piece and closed
     */
    public MutableHttpResponse<?> of(Part part) {
        if (asked.getAll(HttpHeaders.IF_NONE_MATCH).stream().anyMatch(tags -> tags.contains(etag))) {
            return headed(HttpResponse.notModified());
        }
        Matcher range = RANGE.matcher(asked.get(HttpHeaders.RANGE, String.class, ""));
        boolean isSame = asked.get(HttpHeaders.IF_RANGE, String.class, etag).equals(etag);
        if (!range.matches() || !isSame) {
            return headed(HttpResponse.ok().body(body(part, 0))).contentLength(length);
        }
        long from = Long.parseLong(range.group(1));
        if (from >= length) {
            return headed(HttpResponse.status(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE))
                    .header(HttpHeaders.CONTENT_RANGE, "bytes */" + length);
        }
        return headed(HttpResponse.status(HttpStatus.PARTIAL_CONTENT).body(body(part, from)))
                .contentLength(length - from)
                .header(HttpHeaders.CONTENT_RANGE, "bytes " + from + "-" + (length - 1) + "/" + length);
    }

    private StreamedFile body(Part part, long from) {
        return new StreamedFile(
                part.from(from), MediaType.APPLICATION_OCTET_STREAM_TYPE, modified.toEpochMilli(), length - from);
    }

    private MutableHttpResponse<?> headed(MutableHttpResponse<?> reply) {
        return reply.header(HttpHeaders.ETAG, etag).header(HttpHeaders.ACCEPT_RANGES, "bytes");
    }

    /** Whether the asker can read a content coding. */
    public static boolean accepts(HttpHeaders asked, String coding) {
        return asked.getAll(HttpHeaders.ACCEPT_ENCODING).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(String::strip)
                .anyMatch(item -> item.split(";", -1)[0].strip().equalsIgnoreCase(coding)
                        && !REFUSED.matcher(item).find());
    }
}
