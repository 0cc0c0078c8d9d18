package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.agent.store.StoreFailedException;
import dev.coppice.agent.upload.Transport.Fetch;
import dev.coppice.agent.upload.Transport.Method;
import dev.coppice.agent.upload.Transport.Reply;
import dev.coppice.agent.upload.Transport.Request;
import dev.coppice.agent.upload.Transport.Sink;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The only place where requests are sent, tried again and counted. An attempt without a reply, or with a status of
 * 408, 429 or 500 and above, is repeated after a pause that doubles; every request of the protocol means the same
 * when it arrives twice. Counts are safe to read at any time; otherwise use on one thread.
 */
public final class Wire {
    private static final int ATTEMPTS_MAX = 9;

    /** How often what is fetched may come in all before a connection that breaks counts as a failure. */
    private static final int FETCHED_MAX = 2;

    private static final Duration PAUSE_FIRST = Duration.ofMillis(250);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private final Transport transport;
    private final Pause pause;
    private final Optional<RequestSigner> signer;
    private volatile long bytesUp;
    private volatile long bytesDown;

    /** Belongs to one piece of work, so that its counts are that work's. */
    public Wire(Transport transport, Pause pause) {
        this(transport, pause, Optional.empty());
    }

    /** The same for a device, whose requests are signed as HTTP has it where the transport carries headers. */
    public Wire(Transport transport, Pause pause, RequestSigner signer) {
        this(transport, pause, transport.carriesHeaders() ? Optional.of(signer) : Optional.empty());
    }

    private Wire(Transport transport, Pause pause, Optional<RequestSigner> signer) {
        this.transport = transport;
        this.pause = pause;
        this.signer = signer;
    }

    /** Bytes of all bodies sent so far, repeated ones included, without HTTP's own. */
    public long bytesUp() {
        return bytesUp;
    }

    /** Bytes of all bodies received so far. */
    public long bytesDown() {
        return bytesDown;
    }

    /**
     * Fetches what is at a path.
     *
     * @throws ServerRefusedException if the aggregator says no, 404 included
     * @throws IOException if no attempt got a reply
     */
    public ByteString get(String path, int replyBytesMax)
            throws IOException, InterruptedException, ServerRefusedException {
        return exchange(() -> Request.get(path, replyBytesMax));
    }

    /**
     * Sends a message and reads the reply.
     *
     * @param body asked for anew before each attempt, for requests that must not repeat a nonce
     * @throws ServerRefusedException if the aggregator says no
     * @throws IOException if no attempt got a reply, or the reply is not what it should be
     */
    public <T extends MessageLite> T post(
            String path, Supplier<? extends MessageLite> body, Parser<T> reply, int replyBytesMax)
            throws IOException, InterruptedException, ServerRefusedException {
        return read(path, () -> Request.post(path, body.get().toByteString(), replyBytesMax), reply, replyBytesMax);
    }

    /**
     * The same for a request that a device signs: each attempt anew.
     *
     * @param purpose what the endpoint is for
     */
    public <T extends MessageLite> T postAs(
            Sender sender,
            String path,
            Purpose purpose,
            Supplier<? extends MessageLite> message,
            Parser<T> reply,
            int replyBytesMax)
            throws IOException, InterruptedException, ServerRefusedException {
        return read(path, () -> signed(sender, path, purpose, message.get(), replyBytesMax), reply, replyBytesMax);
    }

    private Request signed(Sender sender, String path, Purpose purpose, MessageLite message, int replyBytesMax) {
        if (signer.isEmpty()) {
            ByteString body = SignedMessages.request(sender.deviceId(), sender.key(), purpose, message)
                    .toByteString();
            return Request.post(path, body, replyBytesMax);
        }
        byte[] body = message.toByteArray();
        Map<String, String> headers = signer.get().headers(sender.deviceId(), sender.key(), path, body);
        return new Request(Method.POST, path, headers, ByteString.copyFrom(body), replyBytesMax);
    }

    private <T extends MessageLite> T read(String path, Supplier<Request> requests, Parser<T> reply, int replyBytesMax)
            throws IOException, InterruptedException, ServerRefusedException {
        ByteString bytes = exchange(requests);
        try {
            return Messages.parse(reply, bytes, replyBytesMax);
        } catch (MessageMalformedException e) {
            throw new IOException("the aggregator's reply to " + path + " is not the message it should be");
        }
    }

    /**
     * Fetches, again and again while that brings the end nearer.
     *
     * @param requests asked for anew before each attempt: what came before need not come again
     * @param sink takes what came with a status of 200 to 299
     * @throws ServerRefusedException if the aggregator says no
     * @throws IOException if the attempts do not come to an end, or the sink failed
     */
    public void fetch(Supplier<Fetch> requests, Sink sink)
            throws IOException, InterruptedException, ServerRefusedException {
        long before = bytesDown;
        repeat(() -> {
            Fetch request = requests.get();
            Counted counted = new Counted(sink);
            try {
                transport.fetch(request, counted);
            } catch (DeviceGoneException | StoreFailedException e) {
                throw e;
            } catch (IOException e) {
                boolean isNearer = counted.bytes > 0
                        && bytesDown + counted.bytes - before <= FETCHED_MAX * (long) request.bytesMax();
                throw isNearer ? new BrokenOffException(e) : e;
            } finally {
                addDown(counted.bytes);
            }
            requireOk(request.path(), counted.status);
            return null;
        });
    }

    private ByteString exchange(Supplier<Request> requests)
            throws IOException, InterruptedException, ServerRefusedException {
        return repeat(() -> once(requests.get()));
    }

    /** One attempt at something. */
    private interface Attempt<T extends @Nullable Object> {
        T make() throws IOException, InterruptedException, ServerRefusedException;
    }

    /** The connection broke when something more had come: the next attempt is the first one again. */
    private static final class BrokenOffException extends IOException {
        BrokenOffException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private <T extends @Nullable Object> T repeat(Attempt<T> attempt)
            throws IOException, InterruptedException, ServerRefusedException {
        Duration length = PAUSE_FIRST;
        int attempts = 0;
        while (true) {
            try {
                return attempt.make();
            } catch (DeviceGoneException | StoreFailedException e) {
                throw e;
            } catch (BrokenOffException e) {
                attempts = 1;
                length = PAUSE_FIRST;
            } catch (IOException e) {
                attempts++;
                if (attempts == ATTEMPTS_MAX) {
                    throw e;
                }
            }
            pause.sleep(length);
            Duration doubled = length.multipliedBy(2);
            length = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private ByteString once(Request request) throws IOException, InterruptedException, ServerRefusedException {
        bytesUp += request.body().size();
        Reply reply = transport.exchange(request);
        addDown(reply.body().size());
        requireOk(request.path(), reply.status());
        return reply.body();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void addDown(long bytes) {
        bytesDown += bytes;
    }

    private static void requireOk(String path, int status) throws IOException, ServerRefusedException {
        if (status == 408 || status == 429 || status >= 500) {
            throw new IOException("the aggregator answered " + status + " to " + path);
        }
        if (status < 200 || status > 299) {
            throw new ServerRefusedException(path, status);
        }
    }

    /** Hands on what came, and counts it. */
    private static final class Counted implements Sink {
        private final Sink sink;
        private volatile int status;
        private volatile long bytes;

        Counted(Sink sink) {
            this.sink = sink;
        }

        @Override
        public void head(int ofReply, Map<String, String> headers) throws IOException {
            status = ofReply;
            if (isOk()) {
                sink.head(ofReply, headers);
            }
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread after the other
        public void body(byte[] part) throws IOException {
            bytes += part.length;
            if (isOk()) {
                sink.body(part);
            }
        }

        private boolean isOk() {
            return status >= 200 && status <= 299;
        }
    }
}
