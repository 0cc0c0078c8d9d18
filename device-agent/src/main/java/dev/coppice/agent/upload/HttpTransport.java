package dev.coppice.agent.upload;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** HTTP by the JDK's client, to one aggregator. See {@link BoundedHttp} for its limits and threads. */
public final class HttpTransport implements Transport, AutoCloseable {
    /** Whoever is slower than this, 128 kbit/s, is given up. */
    private static final int BYTES_PER_SECOND_MIN = 16_384;

    private final BoundedHttp http;
    private final URI server;
    private final Duration replyMax;

    /**
     * @param server address of the aggregator, without path, query or fragment; https where the network is not ours
     * @param replyMax longest wait for a reply; longer than the aggregator holds a poll open. On top comes the time that
     *     the longest reply allowed takes at 16 kB/s
     */
    public HttpTransport(URI server, Duration replyMax) {
        this(new BoundedHttp(), server, replyMax);
    }

    /**
     * Shares a client among many agents of one process.
     *
     * @param http closed with the transport
     */
    public HttpTransport(BoundedHttp http, URI server, Duration replyMax) {
        if (server.getScheme() == null || !server.getScheme().matches("https?") || server.getHost() == null) {
            throw new IllegalArgumentException("the aggregator's address begins with http:// or https://");
        }
        this.http = http;
        this.server = server;
        this.replyMax = replyMax;
    }

    @Override
    public Reply exchange(Request request) throws IOException, InterruptedException {
        URI address = server.resolve(request.path());
        int bytesMax = request.replyBytesMax();
        Duration longest = longest(bytesMax);
        return switch (request.method()) {
            case GET -> http.get(address, bytesMax, longest);
            case POST -> {
                Map<String, String> headers = new HashMap<>(request.headers());
                headers.put("content-type", "application/x-protobuf");
                yield http.post(address, headers, request.body(), bytesMax, longest);
            }
        };
    }

    @Override
    public boolean carriesHeaders() {
        return true;
    }

    @Override
    public void fetch(Fetch request, Sink sink) throws IOException, InterruptedException {
        http.fetch(
                server.resolve(request.path()),
                request.headers(),
                request.bytesMax(),
                longest(request.bytesMax()),
                sink);
    }

    private Duration longest(int bytesMax) {
        return replyMax.plusSeconds(bytesMax / BYTES_PER_SECOND_MIN);
    }

    /** Ends the client's threads. A later exchange begins anew. */
    @Override
    public void close() {
        http.close();
    }
}
