package dev.coppice.aggregator.http;

import com.google.protobuf.MessageLite;
import io.micronaut.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** How messages travel in bodies. */
final class Protobuf {
    static final String TYPE = "application/x-protobuf";

    private static final byte[] NOTHING = {};

    private Protobuf() {}

    static HttpResponse<byte[]> ok(MessageLite message) {
        return HttpResponse.ok(message.toByteArray()).contentType(TYPE);
    }

    /** A request without a body is one of no bytes. */
    static byte[] bytes(byte @Nullable [] body) {
        return body == null ? NOTHING : body;
    }
}
