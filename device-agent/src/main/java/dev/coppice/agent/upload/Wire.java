package dev.coppice.agent.upload;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.agent.upload.Transport.Method;
import dev.coppice.agent.upload.Transport.Reply;
import dev.coppice.agent.upload.Transport.Request;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The only place where requests are sent, tried again and counted. An attempt without a reply, or with a status of
 * 408, 429 or 500 and above, is repeated after a pause that doubles; every request of the protocol means the same
 * when it arrives twice. Counts are safe to read at any time; otherwise use on one thread.
 */
public final class Wire {
    private static final int ATTEMPTS_MAX = 9;
    private static final Duration PAUSE_FIRST = Duration.ofMillis(250);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private final Transport transport;
    private final Pause pause;
    private volatile long bytesUp;
    private volatile long bytesDown;

    /** Belongs to one piece of work, so that its counts are that work's. */
    public Wire(Transport transport, Pause pause) {
        this.transport = transport;
        this.pause = pause;
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
        return exchange(() -> new Request(Method.GET, path, ByteString.EMPTY, replyBytesMax));
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
        ByteString bytes =
                exchange(() -> new Request(Method.POST, path, body.get().toByteString(), replyBytesMax));
        try {
            return Messages.parse(reply, bytes, replyBytesMax);
        } catch (MessageMalformedException e) {
            throw new IOException("the aggregator's reply to " + path + " is not the message it should be");
        }
    }

    private ByteString exchange(Supplier<Request> requests)
            throws IOException, InterruptedException, ServerRefusedException {
        Duration length = PAUSE_FIRST;
        for (int attempt = 1; ; attempt++) {
            Request request = requests.get();
            try {
                return once(request);
            } catch (DeviceGoneException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == ATTEMPTS_MAX) {
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
        bytesDown += reply.body().size();
        int status = reply.status();
        if (status == 200) {
            return reply.body();
        }
        if (status == 408 || status == 429 || status >= 500) {
            throw new IOException("the aggregator answered " + status + " to " + request.path());
        }
        throw new ServerRefusedException(request.path(), status);
    }
}
