package dev.coppice.aggregator.enrolment;

import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.crypto.signing.RequestSignature.Headers;

/** A device's request as it came, of unknown origin. */
public final class Arrival {
    private final String method;
    private final String path;
    private final Headers headers;
    private final byte[] body;

    /**
     * A request.
     *
     * @param path as it came, without the query
     * @param body not copied: nobody else has it
     */
    public Arrival(String method, String path, Headers headers, byte[] body) {
        this.method = method;
        this.path = path;
        this.headers = headers;
        this.body = body;
    }

    Headers headers() {
        return headers;
    }

    byte[] body() {
        return body;
    }

    /** What a signature is over. */
    RequestSignature.Request signedRequest() {
        return new RequestSignature.Request(method, path, body);
    }
}
