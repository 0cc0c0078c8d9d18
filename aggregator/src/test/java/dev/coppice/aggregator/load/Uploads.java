package dev.coppice.aggregator.load;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.RawClient;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.protocol.DeviceRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Sends the same bodies to a path, each once a pass, over connections that stay open. */
final class Uploads implements AutoCloseable {
    /** What is sent: a body that nobody changes, with headers made anew for each pass, before it begins. */
    static final class Upload {
        private final byte[] body;
        private final Supplier<Map<String, String>> headers;

        Upload(byte[] body, Supplier<Map<String, String>> headers) {
            this.body = body;
            this.headers = headers;
        }

        /** The message that a device sent in an envelope, signed as today's agents do it. */
        static Upload signedAnew(Device device, String path, byte[] envelope, RandomSource random)
                throws InvalidProtocolBufferException {
            byte[] body = DeviceRequest.parseFrom(envelope).getPayload().toByteArray();
            RequestSignature.Request request = new RequestSignature.Request("POST", path, body);
            return new Upload(
                    body,
                    () -> RequestSignature.sign(
                            device.key(),
                            device.id(),
                            Instant.now(),
                            Base64.getEncoder().encodeToString(random.bytes(18)),
                            request));
        }

        byte[] body() {
            return body;
        }
    }

    private final String path;
    private final int expected;
    private final List<Upload> uploads;
    private final List<RawClient> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** @param expected the status that each gets */
    Uploads(List<Integer> ports, int connections, String path, int expected, List<Upload> uploads) throws IOException {
        this.path = path;
        this.expected = expected;
        this.uploads = List.copyOf(uploads);
        for (int i = 0; i < connections; i++) {
            clients.add(new RawClient("127.0.0.1", ports.get(i % ports.size())));
        }
    }

    /**
     * What a pass took.
     *
     * @param millis of each body, from when it was due to its reply
     */
    record Pass(double seconds, List<Double> millis) {}

    /** All bodies as fast as they are taken. */
    Pass all() throws Exception {
        return paced(0);
    }

    /** All bodies, so many a second whatever becomes of those before; 0 for as fast as they are taken. */
    Pass paced(double perSecond) throws Exception {
        AtomicInteger next = new AtomicInteger();
        double[] millis = new double[uploads.size()];
        List<Map<String, String>> headers =
                uploads.stream().map(upload -> upload.headers.get()).toList();
        long start = System.nanoTime();
        List<Future<?>> done = new ArrayList<>();
        for (RawClient client : clients) {
            done.add(threads.submit(() -> {
                for (int i = next.getAndIncrement(); i < millis.length; i = next.getAndIncrement()) {
                    long due = perSecond == 0 ? System.nanoTime() : start + (long) (i * 1e9 / perSecond);
                    waitUntil(due);
                    int status =
                            client.post(path, headers.get(i), uploads.get(i).body());
                    if (status != expected) {
                        throw new IOException("an upload got " + status);
                    }
                    millis[i] = (System.nanoTime() - due) / 1e6;
                }
                return null;
            }));
        }
        await(done);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Pass(seconds, Arrays.stream(millis).boxed().toList());
    }

    private static void waitUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    private static void await(List<Future<?>> all) throws ExecutionException, InterruptedException {
        for (Future<?> one : all) {
            one.get();
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdown();
        for (RawClient client : clients) {
            client.close();
        }
    }
}
