package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import java.io.IOException;

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
     * One request.
     *
     * @param path begins with a slash, relative to the aggregator's address
     * @param body empty for a GET, else a protobuf message
     * @param replyBytesMax a longer reply is cut off and counts as none
     */
    record Request(Method method, String path, ByteString body, int replyBytesMax) {}

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
