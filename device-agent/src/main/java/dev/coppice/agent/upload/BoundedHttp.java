package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import dev.coppice.agent.store.StoreFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.codehaus.mojo.animal_sniffer.IgnoreJRERequirement;
import org.jspecify.annotations.Nullable;

/**
 * HTTP by the JDK's client with a limit on everything: a call ends after its time-out, however slowly the reply drips,
 * and a reply longer than asked for counts as none. Follows no redirects and keeps no cookies. Thread-safe.
 *
 * <p>The JDK's client has threads of its own. There are none before the first call, and on Java 21 and later none after
 * {@link #close}; before Java 21 they end once the garbage collector finds them unused.
 */
@IgnoreJRERequirement // Android has no such client: apps there bring a transport of their own
public final class BoundedHttp implements AutoCloseable {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    private final boolean isClientOwn;
    private final @Nullable SSLContext trust;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpClient client;

    /** A client of its own, which believes the authorities that the platform does. */
    public BoundedHttp() {
        this.isClientOwn = true;
        this.trust = null;
    }

    /** A client of its own, which believes others than the platform's authorities. See {@link PrivateAuthority}. */
    public BoundedHttp(SSLContext trust) {
        this.isClientOwn = true;
        this.trust = trust;
    }

    /**
     * Shares a client among many users of one process.
     *
     * @param client belongs to the caller
     */
    public BoundedHttp(HttpClient client) {
        this.client = client;
        this.isClientOwn = false;
        this.trust = null;
    }

    /**
     * Fetches what is at an address.
     *
     * @param longest time to the last byte of the reply
     */
    public Transport.Reply get(URI address, int replyBytesMax, Duration longest)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(address).GET(), replyBytesMax, longest);
    }

    /**
     * Sends a body.
     *
     * @param headers by name; they may hold secrets, and enter no exception
     * @param longest time to the last byte of the reply
     */
    public Transport.Reply post(
            URI address, Map<String, String> headers, ByteString body, int replyBytesMax, Duration longest)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).POST(BodyPublishers.ofByteArray(body.toByteArray()));
        headers.forEach(request::setHeader);
        return send(request, replyBytesMax, longest);
    }

    /** Ends the client's threads, if it is not another's. A later call begins anew. */
    @Override
    public void close() {
        Object idle;
        lock.lock();
        try {
            idle = isClientOwn ? client : null;
            client = isClientOwn ? null : client;
        } finally {
            lock.unlock();
        }
        if (idle instanceof AutoCloseable closeable) { // since Java 21
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException("the HTTP client does not close", e);
            }
        }
    }

    /**
     * Fetches what is at an address, and hands it over as it comes.
     *
     * @param longest time to the last byte of the reply
     * @throws StoreFailedException if the sink threw it
     */
    public void fetch(URI address, Map<String, String> headers, int bytesMax, Duration longest, Transport.Sink sink)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).GET();
        headers.forEach(request::setHeader);
        exchange(request, bytesMax, longest, sink);
    }

    private Transport.Reply send(HttpRequest.Builder request, int replyBytesMax, Duration longest)
            throws IOException, InterruptedException {
        GatheredReply reply = new GatheredReply();
        exchange(request, replyBytesMax, longest, reply);
        return new Transport.Reply(reply.status(), reply.body());
    }

    private void exchange(HttpRequest.Builder request, int bytesMax, Duration longest, Transport.Sink sink)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<Void>> reply =
                client().sendAsync(request.build(), head -> new Bounded(head, bytesMax, sink));
        try {
            reply.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw told(e.getCause());
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no whole reply in " + longest);
        } finally {
            reply.cancel(true); // an interrupted caller leaves nothing under way
        }
    }

    /** What went wrong: with the sink, or else with the network. */
    private static IOException told(@Nullable Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof StoreFailedException failed) {
                return failed;
            }
        }
        return new IOException(String.valueOf(cause), cause);
    }

    private HttpClient client() {
        lock.lock();
        try {
            HttpClient open = client;
            if (open == null) {
                HttpClient.Builder builder =
                        HttpClient.newBuilder().connectTimeout(CONNECT_MAX).followRedirects(HttpClient.Redirect.NEVER);
                open = (trust == null ? builder : builder.sslContext(trust)).build();
                client = open;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** Hands a body on, and hangs up when it gets too long or is not taken. */
    @IgnoreJRERequirement
    private static final class Bounded implements BodySubscriber<Void> {
        private final HttpResponse.ResponseInfo head;
        private final Transport.Sink sink;
        private final CompletableFuture<Void> body = new CompletableFuture<>();
        private final int bytesMax;
        private long bytes;
        private Flow.@Nullable Subscription subscription;

        Bounded(HttpResponse.ResponseInfo head, int bytesMax, Transport.Sink sink) {
            this.head = head;
            this.bytesMax = bytesMax;
            this.sink = sink;
        }

        @Override
        public CompletionStage<Void> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            Map<String, String> headers = new HashMap<>();
            head.headers()
                    .map()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
            try {
                sink.head(head.statusCode(), headers);
                given.request(Long.MAX_VALUE);
            } catch (IOException e) {
                hangUp(e);
            }
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            if (body.isDone()) {
                return;
            }
            try {
                for (ByteBuffer part : parts) {
                    bytes += part.remaining();
                    if (bytes > bytesMax) {
                        throw new IOException("a reply of more than " + bytesMax + " bytes");
                    }
                    byte[] copy = new byte[part.remaining()];
                    part.get(copy);
                    sink.body(copy);
                }
            } catch (IOException e) {
                hangUp(e);
            }
        }

        private void hangUp(IOException reason) {
            if (subscription != null) {
                subscription.cancel();
            }
            body.completeExceptionally(reason);
        }

        @Override
        public void onError(Throwable trouble) {
            body.completeExceptionally(trouble);
        }

        @Override
        public void onComplete() {
            body.complete(null);
        }
    }
}
