package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * HTTP by the JDK's client. Follows no redirects, keeps no cookies and adds no headers of its own. Each exchange
 * ends after a time-out; a reply longer than asked for is cut off.
 */
public final class HttpTransport implements Transport {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    private final HttpClient client;
    private final URI server;
    private final Duration replyMax;

    /**
     * @param server address of the aggregator, without path, query or fragment; https where the network is not ours
     * @param replyMax longest time between sending a request and the start of its reply; longer than the aggregator
     *     holds a poll open
     */
    public HttpTransport(URI server, Duration replyMax) {
        this(
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT_MAX)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .build(),
                server,
                replyMax);
    }

    /**
     * Shares a client among many agents of one process.
     *
     * @param client belongs to the caller
     */
    public HttpTransport(HttpClient client, URI server, Duration replyMax) {
        if (server.getScheme() == null || !server.getScheme().matches("https?") || server.getHost() == null) {
            throw new IllegalArgumentException("the aggregator's address begins with http:// or https://");
        }
        this.client = client;
        this.server = server;
        this.replyMax = replyMax;
    }

    @Override
    public Reply exchange(Request request) throws IOException, InterruptedException {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(server.resolve(request.path())).timeout(replyMax);
        switch (request.method()) {
            case GET -> builder.GET();
            case POST ->
                builder.header("content-type", "application/x-protobuf")
                        .POST(BodyPublishers.ofByteArray(request.body().toByteArray()));
        }
        HttpResponse<InputStream> response = client.send(builder.build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(request.replyBytesMax() + 1);
            if (bytes.length > request.replyBytesMax()) {
                throw new IOException("a reply of more than " + request.replyBytesMax() + " bytes");
            }
            return new Reply(response.statusCode(), ByteString.copyFrom(bytes));
        }
    }
}
