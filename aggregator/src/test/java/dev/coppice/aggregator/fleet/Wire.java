package dev.coppice.aggregator.fleet;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** HTTP to an aggregator, of one process or more. Sends again for a while what got no reply, as a device does while a server restarts. */
public final class Wire {
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private static final int ATTEMPTS = 300;
    private static final long PAUSE_MILLIS = 100;

    private final List<URI> servers;
    private final Observer observer;
    private final AtomicInteger attempts = new AtomicInteger();

    /** Sends to these in turn, as behind a load balancer. */
    public Wire(List<URI> servers) {
        this(servers, (path, request, reply) -> {});
    }

    /** The same, seen by somebody. */
    public Wire(List<URI> servers, Observer observer) {
        this.servers = List.copyOf(servers);
        this.observer = observer;
    }

    /** Sees what was posted, once it is answered. */
    @FunctionalInterface
    public interface Observer {
        void exchanged(String path, byte[] request, HttpResponse<byte[]> reply);
    }

    /** One attempt. */
    public HttpResponse<byte[]> once(HttpRequest.Builder request, String path) throws IOException {
        try {
            return CLIENT.send(
                    request.uri(next().resolve(path))
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private URI next() {
        return servers.get(Math.floorMod(attempts.getAndIncrement(), servers.size()));
    }

    /** One attempt to post a body. */
    public HttpResponse<byte[]> post(String path, byte[] body) throws IOException {
        HttpResponse<byte[]> reply = once(
                HttpRequest.newBuilder()
                        .header("content-type", "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)),
                path);
        observer.exchanged(path, body, reply);
        return reply;
    }

    /** Posts until there is a reply below 500. */
    public HttpResponse<byte[]> insist(String path, byte[] body) throws IOException {
        return insist(path, () -> body);
    }

    /** As {@link #insist(String, byte[])}, with a body of its own for each attempt. */
    public HttpResponse<byte[]> insist(String path, Supplier<byte[]> body) throws IOException {
        IOException last = new IOException("never tried");
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                HttpResponse<byte[]> reply = post(path, body.get());
                if (reply.statusCode() < 500) {
                    return reply;
                }
                last = new IOException(path + " got " + reply.statusCode());
            } catch (IOException e) {
                last = e;
            }
            pause();
        }
        throw last;
    }

    public byte[] get(String path) throws IOException {
        HttpResponse<byte[]> reply = once(HttpRequest.newBuilder().GET(), path);
        if (reply.statusCode() != 200) {
            throw new IOException(path + " got " + reply.statusCode());
        }
        return reply.body();
    }

    static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
