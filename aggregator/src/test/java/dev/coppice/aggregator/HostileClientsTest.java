package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.RawClient;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.protocol.round.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many who mean ill, each from an address of its own, while one who means well goes on asking. 500 requests in each build, 10,000
 * with {@code -Pthorough}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
    private static final int REQUESTS = 500 * Integer.getInteger("soak", 1);
    private static final int ADDRESSES = 200;
    private static final int CONNECTIONS_MAX = 20;
    private static final int BURST = 200;

    /** A proxy, as whose nobody is limited. */
    private static final String GOOD = "127.0.0.2";

    private AggregatorProcess aggregator;
    private Operator operator;
    private List<Device> devices;
    private String path;
    private final AtomicLong nonces = new AtomicLong();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        aggregator = new AggregatorProcess(
                folder,
                List.of(),
                Map.of(
                        "COPPICE_LIMITS_PROXIES", GOOD,
                        "COPPICE_LIMITS_ADDRESS_REQUESTS_PER_SECOND", "1",
                        "COPPICE_LIMITS_ADDRESS_BURST", Integer.toString(BURST),
                        "COPPICE_LIMITS_HEAD_TIME", "2s",
                        "COPPICE_LIMITS_BODY_TIME", "2s",
                        "COPPICE_LIMITS_DEVICE_REQUESTS_PER_SECOND", "1000",
                        "COPPICE_LIMITS_ADDRESS_CONNECTIONS", Integer.toString(CONNECTIONS_MAX)));
        operator = aggregator.operator();
        devices = operator.devices(3);
        assertThat(operator.createTask(4, 8, 1, 3600)).isNotEmpty();
        String round = devices.get(0).findRound().orElseThrow().roundId();
        path = "/v1/rounds/" + round + "/poll";
    }

    @AfterAll
    void stop() throws IOException {
        String output = aggregator.output();
        aggregator.close();
        assertThat(output).doesNotContain("Exception").doesNotContain(" ERROR ");
    }

    /** What somebody does, and the status that it should get; 0 stands for no reply at all. */
    private enum Attack {
        MALFORMED,
        OVERSIZED,
        WITHOUT_LENGTH,
        SLOW_HEAD,
        SLOW_BODY,
        REPLAYED,
        FORGED,
        ENVELOPE_FORGED
    }

    private RawClient client(String address) throws IOException {
        return new RawClient(address, aggregator.uri().getPort());
    }

    private byte[] poll() {
        String round = path.split("/", -1)[3];
        return Poll.newBuilder()
                .setRoundId(round)
                .setAwaits(Poll.Step.ROSTER)
                .build()
                .toByteArray();
    }

    private Map<String, String> signed(Device signer, String id, byte[] body) {
        byte[] nonce =
                ByteBuffer.allocate(16).putLong(0, nonces.incrementAndGet()).array();
        return RequestSignature.sign(
                signer.key(),
                id,
                Instant.now(),
                Base64.getEncoder().encodeToString(nonce),
                new RequestSignature.Request("POST", path, body));
    }

    private int attack(Attack kind, String address, SplittableRandom random, Map<String, String> recorded)
            throws IOException {
        Device device = devices.get(1);
        byte[] body = poll();
        try (RawClient client = client(address)) {
            return switch (kind) {
                case MALFORMED -> {
                    byte[] noise = new byte[random.nextInt(1, 300)];
                    random.nextBytes(noise);
                    noise[0] = 0x7f; // no field of ours
                    yield client.post(path, Map.of(), noise);
                }
                case OVERSIZED -> {
                    client.head("POST", path, Map.of("Content-Length", Integer.toString(Integer.MAX_VALUE)));
                    yield client.status();
                }
                case WITHOUT_LENGTH -> {
                    client.head("POST", path, Map.of("Transfer-Encoding", "chunked"));
                    yield client.status();
                }
                case SLOW_HEAD -> {
                    client.write("POST " + path + " HTTP/1.1\r\nHost: aggr");
                    yield client.status();
                }
                case SLOW_BODY -> {
                    client.head("POST", path, Map.of("Content-Length", "100"));
                    client.write("x");
                    yield client.status();
                }
                case REPLAYED -> client.post(path, recorded, body);
                case FORGED -> client.post(path, signed(devices.get(2), device.id(), body), body);
                case ENVELOPE_FORGED -> {
                    byte[] other = devices.get(2).request(Purpose.SAMPLE, Poll.parseFrom(body));
                    yield client.post(path, Map.of(), other);
                }
            };
        }
    }

    private static int expected(Attack kind) {
        return switch (kind) {
            case MALFORMED -> 400;
            case OVERSIZED -> 413;
            case WITHOUT_LENGTH -> 411;
            case SLOW_HEAD, SLOW_BODY -> 408;
            case REPLAYED -> 409;
            case FORGED, ENVELOPE_FORGED -> 401;
        };
    }

    @Test
    @SuppressWarnings("SystemOut") // for who wants to know what it costs the others
    void eachGetsItsCodeInItsTimeAndWhoMeansWellIsServedAllTheWhile() throws Exception {
        Map<String, String> recorded = signed(devices.get(1), devices.get(1).id(), poll());
        try (RawClient first = client(GOOD)) {
            assertThat(first.post(path, recorded, poll())).isEqualTo(200);
        }
        List<Long> calm = goodRequests(() -> false, 200);
        AtomicBoolean isOver = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ExecutorService few = Executors.newFixedThreadPool(64)) {
            Future<List<Long>> good = threads.submit(() -> goodRequests(isOver::get, Integer.MAX_VALUE));
            List<Future<long[]>> bad = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                int number = i;
                bad.add(few.submit(() -> timed(number, recorded)));
            }
            long slowest = 0;
            for (int i = 0; i < REQUESTS; i++) {
                long[] statusAndMillis = bad.get(i).get(5, TimeUnit.MINUTES);
                Attack kind = kind(i);
                assertThat(statusAndMillis[0]).as("%s, %d", kind, i).isEqualTo(expected(kind));
                slowest = Math.max(slowest, statusAndMillis[1]);
            }
            isOver.set(true);
            List<Long> stormy = good.get(1, TimeUnit.MINUTES);
            System.out.printf(
                    "%d hostile requests; slowest held %d ms; good requests calm p50 %.1f p99 %.1f ms, meanwhile (%d) p50"
                            + " %.1f p99 %.1f ms%n",
                    REQUESTS,
                    slowest,
                    quantile(calm, 0.5),
                    quantile(calm, 0.99),
                    stormy.size(),
                    quantile(stormy, 0.5),
                    quantile(stormy, 0.99));
        }
    }

    private static Attack kind(int number) {
        return Attack.values()[number % Attack.values().length];
    }

    private long[] timed(int number, Map<String, String> recorded) throws IOException {
        String address = "127.0.1." + (1 + number % ADDRESSES);
        long before = System.nanoTime();
        int status = attack(kind(number), address, new SplittableRandom(number), recorded);
        return new long[] {status, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before)};
    }

    private interface End {
        boolean isThere();
    }

    /** Nanoseconds of each, over connections that are opened anew every now and then. */
    private List<Long> goodRequests(End end, int most) throws IOException {
        List<Long> nanos = new ArrayList<>();
        while (!end.isThere() && nanos.size() < most) {
            try (RawClient client = client(GOOD)) {
                for (int i = 0; i < 20 && !end.isThere(); i++) {
                    long before = System.nanoTime();
                    assertThat(client.post(
                                    path, signed(devices.get(1), devices.get(1).id(), poll()), poll()))
                            .isEqualTo(200);
                    nanos.add(System.nanoTime() - before);
                    Thread.sleep(15);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        return nanos;
    }

    private static double quantile(List<Long> nanos, double share) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))] / 1e6;
    }

    @Test
    void anAddressThatAsksTooOftenIsToldSoAndNoOtherIs() throws Exception {
        Map<Integer, Integer> statuses = new TreeMap<>();
        String retryAfter = "";
        try (RawClient client = client("127.0.2.1")) {
            for (int i = 0; i < 10 * BURST; i++) {
                client.head("GET", "/v1/keys", Map.of("X-Forwarded-For", "192.0.2." + i % 250)); // nobody believes it
                int status = client.status();
                statuses.merge(status, 1, Integer::sum);
                if (status == 429) {
                    retryAfter = client.header("retry-after");
                    break;
                }
            }
        }
        assertThat(statuses.keySet()).containsExactly(200, 429);
        assertThat(statuses.get(200)).isGreaterThanOrEqualTo(BURST);
        assertThat(retryAfter).isEqualTo("1");
        try (RawClient other = client("127.0.2.2")) {
            assertThat(other.get("/v1/keys")).isEqualTo(200);
        }
    }

    @Test
    void anAddressHasSoManyConnectionsAndNoMore() throws Exception {
        List<RawClient> open = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                RawClient client = client("127.0.3.1");
                open.add(client);
                assertThat(client.get("/v1/keys")).isEqualTo(200);
            }
            try (RawClient surplus = client("127.0.3.1")) {
                assertThat(surplus.isHungUp()).isTrue();
            }
            try (RawClient other = client("127.0.3.2")) {
                assertThat(other.get("/v1/keys")).isEqualTo(200);
            }
            open.removeFirst().close();
            assertThat(isServedAgain()).isTrue();
        } finally {
            for (RawClient client : open) {
                client.close();
            }
        }
    }

    private boolean isServedAgain() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (RawClient client = client("127.0.3.1")) {
                if (client.get("/v1/keys") == 200) {
                    return true;
                }
            } catch (IOException e) {
                // hung up: the other connection is still being closed
            }
            Thread.sleep(50);
        }
        return false;
    }

    /** A head that is sent byte by byte takes as long as one that is not sent; so does a body. */
    @Test
    void whoDripsIsNotHeardForLongerThanWhoIsSilent() throws Exception {
        for (String head : List.of(
                "GET /v1/keys HTTP/1.1\r\nHost: a",
                "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")) {
            try (RawClient client = client("127.0.4.1")) {
                client.write(head);
                long before = System.nanoTime();
                int drops = 0;
                while (!client.hasReply() && drops < 100) {
                    client.write("x");
                    drops++;
                    Thread.sleep(100);
                }
                assertThat(client.status()).isEqualTo(408);
                assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before))
                        .isLessThan(10);
            }
        }
    }

    /** What was sent before the reply is of no use; the next request on the same connection is another one. */
    @Test
    void requestsThatAreSentAtOnceAreAnsweredInTheirOrder() throws Exception {
        try (RawClient client = client("127.0.5.1")) {
            byte[] one = "GET /v1/keys HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            byte[] three = new byte[3 * one.length];
            for (int i = 0; i < 3; i++) {
                System.arraycopy(one, 0, three, i * one.length, one.length);
            }
            client.write(three);
            for (int i = 0; i < 3; i++) {
                assertThat(client.status()).isEqualTo(200);
            }
        }
    }
}
