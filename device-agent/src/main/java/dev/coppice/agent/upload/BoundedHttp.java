package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
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
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpClient client;

    /** A client of its own. */
    public BoundedHttp() {
        this.isClientOwn = true;
    }

    /**
     * Shares a client among many users of one process.
     *
     * @param client belongs to the caller
     */
    public BoundedHttp(HttpClient client) {
        this.client = client;
        this.isClientOwn = false;
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

    private Transport.Reply send(HttpRequest.Builder request, int replyBytesMax, Duration longest)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<ByteString>> reply =
                client().sendAsync(request.build(), head -> new Bounded(replyBytesMax));
        try {
            HttpResponse<ByteString> whole = reply.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return new Transport.Reply(whole.statusCode(), whole.body());
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no whole reply in " + longest);
        } finally {
            reply.cancel(true); // an interrupted caller leaves nothing under way
        }
    }

    private HttpClient client() {
        lock.lock();
        try {
            HttpClient open = client;
            if (open == null) {
                open = HttpClient.newBuilder()
                        .connectTimeout(CONNECT_MAX)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .build();
                client = open;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** Collects a body, and hangs up when it gets too long. */
    @IgnoreJRERequirement
    private static final class Bounded implements BodySubscriber<ByteString> {
        private final int bytesMax;
        private final CompletableFuture<ByteString> body = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.@Nullable Subscription subscription;

        Bounded(int bytesMax) {
            this.bytesMax = bytesMax;
        }

        @Override
        public CompletionStage<ByteString> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                if (part.remaining() > bytesMax - bytes.size()) {
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    body.completeExceptionally(new IOException("a reply of more than " + bytesMax + " bytes"));
                    return;
                }
                byte[] copy = new byte[part.remaining()];
                part.get(copy);
                bytes.writeBytes(copy);
            }
        }

        @Override
        public void onError(Throwable trouble) {
            body.completeExceptionally(trouble);
        }

        @Override
        public void onComplete() {
            body.complete(ByteString.copyFrom(bytes.toByteArray()));
        }
    }
}
