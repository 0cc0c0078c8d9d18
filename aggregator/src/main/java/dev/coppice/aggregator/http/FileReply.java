package dev.coppice.aggregator.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Answers to whoever fetches a file that never changes: all of it, what is left of it (RFC 9110, section 14), or that the asker
 * has it. Ranges are those that go on to the end; others count as none.
 */
final class FileReply {
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{1,12})-");

    private final HttpHeaders asked;
    private final String etag;
    private final long length;

    /** The file from a place on. */
    @FunctionalInterface
    interface Part {
        Object from(long from);
    }

    /**
     * @param asked the request's headers
     * @param sha256 of what would be sent, encoding included: a strong entity tag
     * @param length of that, in bytes
     */
    FileReply(HttpHeaders asked, String sha256, long length) {
        this.asked = asked;
        this.etag = "\"" + sha256 + "\"";
        this.length = length;
    }

    /**
     * The reply.
     *
     * @param part as a body
     */
    MutableHttpResponse<?> of(Part part) {
        if (asked.getAll(HttpHeaders.IF_NONE_MATCH).stream().anyMatch(tags -> tags.contains(etag))) {
            return headed(HttpResponse.notModified());
        }
        Matcher range = RANGE.matcher(asked.get(HttpHeaders.RANGE, String.class, ""));
        boolean isSame = asked.get(HttpHeaders.IF_RANGE, String.class, etag).equals(etag);
        if (!range.matches() || !isSame) {
            return headed(HttpResponse.ok().body(part.from(0))).contentLength(length);
        }
        long from = Long.parseLong(range.group(1));
        if (from >= length) {
            return headed(HttpResponse.status(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE))
                    .header(HttpHeaders.CONTENT_RANGE, "bytes */" + length);
        }
        return headed(HttpResponse.status(HttpStatus.PARTIAL_CONTENT).body(part.from(from)))
                .contentLength(length - from)
                .header(HttpHeaders.CONTENT_RANGE, "bytes " + from + "-" + (length - 1) + "/" + length);
    }

    private MutableHttpResponse<?> headed(MutableHttpResponse<?> reply) {
        return reply.header(HttpHeaders.ETAG, etag).header(HttpHeaders.ACCEPT_RANGES, "bytes");
    }
}
