package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.Map;

/**
 * Carries one request to the aggregator and its reply back. Knows nothing of what it carries, and does not retry:
 * the agent does, with the same bytes. Implementations are safe for use by many threads and block the caller's.
 */
@FunctionalInterface
public interface Transport {
    /**
     * Sends a request and waits for the whole reply.
     *
     * @return any reply at all, of whatever status
     * @throws DeviceGoneException if no later attempt can succeed
     * @throws IOException if there was no reply, or it was longer than asked for; worth another attempt
     * @throws InterruptedException if the thread was interrupted while waiting
     */
    Reply exchange(Request request) throws IOException, InterruptedException;

    /**
     * Whether {@link Request#headers} are sent along. A transport that says so gets requests that are signed as RFC 9421 has it;
     * any other, requests that carry their signature in the body.
     */
    default boolean carriesHeaders() {
        return false;
    }

    /**
     * Fetches, and hands over what comes as it comes, so that nothing is lost when the connection breaks. A transport that
     * leaves this as it is fetches all at once, and asks for no part and no encoding.
     *
     * @throws DeviceGoneException if no later attempt can succeed
     * @throws IOException if not all came; worth another attempt, unless the sink threw it
     * @throws InterruptedException if the thread was interrupted while waiting
     */
    default void fetch(Fetch request, Sink sink) throws IOException, InterruptedException {
        Reply whole = exchange(Request.get(request.path(), request.bytesMax()));
        sink.head(whole.status(), Map.of());
        sink.body(whole.body().toByteArray());
    }

    /**
     * One request of {@link #fetch}.
     *
     * @param path begins with a slash, relative to the aggregator's address
     * @param headers by name; a part or encodings to ask for
     * @param bytesMax a longer body is cut off and counts as broken
     */
    record Fetch(String path, Map<String, String> headers, int bytesMax) {
        public Fetch {
            headers = Map.copyOf(headers);
        }
    }

    /** Takes what comes: the head once, then the body piece by piece, on any thread but one after the other. */
    interface Sink {
        /**
         * What comes before the body.
         *
         * @param headers by name in lower case; none if the transport does not tell
         */
        void head(int status, Map<String, String> headers) throws IOException;

        /** The next bytes of the body. */
        void body(byte[] bytes) throws IOException;
    }

    /**
     * One request.
     *
     * @param path begins with a slash, relative to the aggregator's address
     * @param headers by name; none unless the transport carries them
     * @param body empty for a GET, else a protobuf message
     * @param replyBytesMax a longer reply is cut off and counts as none
     */
    record Request(Method method, String path, Map<String, String> headers, ByteString body, int replyBytesMax) {
        public Request {
            headers = Map.copyOf(headers);
        }

        /** A GET. */
        public static Request get(String path, int replyBytesMax) {
            return new Request(Method.GET, path, Map.of(), ByteString.EMPTY, replyBytesMax);
        }

        /** A POST without headers. */
        public static Request post(String path, ByteString body, int replyBytesMax) {
            return new Request(Method.POST, path, Map.of(), body, replyBytesMax);
        }
    }

    /**
     * One reply.
     *
     * @param status the HTTP status
     */
    record Reply(int status, ByteString body) {}

    /** What HTTP calls a method; the protocol needs two. */
    enum Method {
        GET,
        POST
    }
}
