package dev.coppice.aggregator;

import static dev.coppice.aggregator.fleet.RawHttp2Client.END_HEADERS;
import static dev.coppice.aggregator.fleet.RawHttp2Client.END_STREAM;
import static dev.coppice.aggregator.fleet.RawHttp2Client.HUNG_UP;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.RawHttp2Client;
import dev.coppice.testkit.ServerIdentity;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Connections of HTTP/2 that hold what they were given, all at once and each from an address of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileHttp2Test {
    private static final String SCRIPT = "/console/assets/echarts.js";
    private static final int INITIAL_WINDOW_SIZE = 0x4;

    /** On a slow machine; less than after which connections of HTTP/2 end by themselves. */
    private static final Duration ENDED_WITHIN = Duration.ofSeconds(40);

    private static final int WINDOW_MAX = Integer.MAX_VALUE;

    private AggregatorProcess aggregator;
    private SSLContext trust;
    private String token;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        ServerIdentity identity = ServerIdentity.make(folder, "server", "EC");
        identity.writeCertificate(folder.resolve("chain.pem"));
        identity.writeKey(folder.resolve("key.pem"));
        trust = ServerIdentity.trusting(identity);
        aggregator = new AggregatorProcess(
                folder,
                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:MaxDirectMemorySize=64m"),
                List.of(
                        "--tls-certificate",
                        folder.resolve("chain.pem").toString(),
                        "--tls-key",
                        folder.resolve("key.pem").toString()),
                Map.of(
                        "COPPICE_LIMITS_PROXIES", "192.0.2.1",
                        "COPPICE_LIMITS_HEAD_TIME", "5s",
                        "COPPICE_LIMITS_BODY_TIME", "1s",
                        "COPPICE_LIMITS_IDLE_TIME", "2s"));
        token = aggregator.token();
    }

    @AfterAll
    void stop() throws IOException {
        String output = aggregator.output();
        aggregator.close();
        assertThat(output).doesNotContain("Exception").doesNotContain("OutOf").doesNotContain(" ERROR ");
    }

    /** What somebody does on a new connection; what becomes of the stream that it is about. */
    @FunctionalInterface
    private interface Deed {
        String on(RawHttp2Client client) throws Exception;
    }

    private record Attack(String name, String fate, Deed deed) {}

    /** On a connection that has begun. */
    private static Attack attack(String name, String fate, Deed deed) {
        return new Attack(name, fate, client -> {
            client.begin();
            return deed.on(client);
        });
    }

    private List<Attack> attacks() {
        Map<String, String> long900 = Map.of("content-length", "900");
        return List.of(
                new Attack("says nothing", HUNG_UP, client -> client.fate(1)),
                attack("pings and asks for nothing", HUNG_UP, client -> {
                    dripping(client::ping);
                    return client.fate(1);
                }),
                attack("head without its end", HUNG_UP, client -> {
                    byte[] head = client.head("GET", "/health", Map.of());
                    client.frame(Http2FrameTypes.HEADERS, END_STREAM, 1, head);
                    return client.fate(1);
                }),
                attack("second head that drips", HUNG_UP, client -> {
                    client.get(1, "/v1/keys");
                    assertThat(client.fate(1)).isEqualTo("200");
                    byte[] head = client.head("GET", "/health", Map.of());
                    client.frame(Http2FrameTypes.HEADERS, END_STREAM, 3, head);
                    dripping(() -> client.frame(Http2FrameTypes.CONTINUATION, 0, 3, new byte[0]));
                    return client.fate(3);
                }),
                attack("goes on pinging", HUNG_UP, client -> {
                    client.get(1, "/v1/keys");
                    dripping(client::ping);
                    return client.fate(3);
                }),
                attack("body that does not come", "408", client -> {
                    client.post(1, "/v1/checkin", long900);
                    return client.fate(1);
                }),
                attack("body that drips", "408", client -> {
                    client.post(1, "/v1/checkin", long900);
                    dripping(() -> client.data(1, false, new byte[1]));
                    return client.fate(1);
                }),
                attack("body in crumbs", HUNG_UP, client -> {
                    client.post(1, "/v1/checkin", long900);
                    return flooded(client, () -> client.data(1, false, new byte[1]));
                }),
                attack("operator's body that drips", "reset 8", client -> {
                    client.post(
                            1, "/v1/admin/tasks", Map.of("authorization", "Bearer " + token, "content-length", "900"));
                    dripping(() -> client.data(1, false, new byte[1]));
                    return client.fate(1);
                }),
                attack("body of a request that was refused", "reset 8", client -> {
                    client.post(1, "/v1/checkin", Map.of("content-length", "100000000"));
                    assertThat(client.fate(1)).isEqualTo("413");
                    return client.fate(1);
                }),
                attack("body that ends with trailers, by no attacker", "400", client -> {
                    client.post(1, "/v1/checkin", Map.of("content-length", "1"));
                    client.data(1, false, new byte[1]);
                    client.frame(Http2FrameTypes.HEADERS, END_HEADERS | END_STREAM, 1, client.trailers());
                    return client.fate(1);
                }),
                attack(
                        "body that would grow",
                        "400",
                        client -> { // it is taken as it is, and that is no message
                            byte[] small = zipped(new byte[1_000_000]);
                            String length = Integer.toString(small.length);
                            client.post(1, "/v1/checkin", Map.of("content-length", length, "content-encoding", "gzip"));
                            client.data(1, true, small);
                            return client.fate(1);
                        }),
                new Attack("reply that is not read", "reset 8", client -> {
                    client.begin(INITIAL_WINDOW_SIZE, 0);
                    client.get(1, SCRIPT);
                    return client.fate(1);
                }),
                new Attack("reply that is read byte by byte", "reset 8", client -> {
                    client.begin(INITIAL_WINDOW_SIZE, 0);
                    client.get(1, SCRIPT);
                    dripping(() -> client.open(1, 1));
                    return client.fate(1);
                }),
                new Attack("reply that the connection has no room for", "reset 8", client -> {
                    client.begin(INITIAL_WINDOW_SIZE, WINDOW_MAX);
                    client.get(1, SCRIPT);
                    return client.fate(1);
                }),
                new Attack("replies that the network does not take", HUNG_UP, client -> {
                    client.begin(INITIAL_WINDOW_SIZE, WINDOW_MAX);
                    client.open(0, WINDOW_MAX - 65_535);
                    for (int stream = 1; stream < 100; stream += 2) {
                        client.get(stream, SCRIPT);
                    }
                    while (!isEnded(client::ping)) {
                        Thread.sleep(200); // not read, but the connection's end is noticed
                    }
                    return HUNG_UP;
                }),
                attack("pings", HUNG_UP, client -> flooded(client, client::ping)),
                attack("settings", HUNG_UP, client -> flooded(client, client::settings)),
                attack(
                        "priorities",
                        HUNG_UP,
                        client -> flooded(client, () -> {
                            client.frame(Http2FrameTypes.PRIORITY, 0, 1, new byte[] {0, 0, 0, 3, 1});
                        })),
                attack(
                        "unknown frames",
                        HUNG_UP,
                        client -> flooded(client, () -> {
                            client.frame(0x7f, 0, 0, new byte[1]);
                        })),
                attack("windows opened by a byte", HUNG_UP, client -> flooded(client, () -> client.open(0, 1))),
                attack("rapid resets", HUNG_UP, client -> {
                    for (int i = 0; i < 1000; i++) {
                        int stream = 2 * i + 1;
                        boolean isEnded = isEnded(() -> {
                            client.get(stream, "/v1/keys");
                            client.reset(stream);
                        });
                        if (isEnded) {
                            break;
                        }
                    }
                    return client.fate(-1);
                }),
                attack("more streams than there may be", "reset 7", client -> {
                    for (int stream = 1; stream < 2 * 101; stream += 2) {
                        client.post(stream, "/v1/checkin", long900);
                    }
                    return client.fate(201);
                }));
    }

    private static byte[] zipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(bytes);
        }
        return zipped.toByteArray();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private static boolean isEnded(Step step) {
        try {
            step.run();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Again and again, until the connection ends. */
    private static void dripping(Step step) {
        Thread.ofVirtual().start(() -> {
            try {
                while (!isEnded(step)) {
                    Thread.sleep(50);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static String flooded(RawHttp2Client client, Step step) throws IOException {
        for (int i = 0; i < 1000 && !isEnded(step); i++) {
            // that was it
        }
        return client.fate(-1);
    }

    private int port() {
        return aggregator.uri().getPort();
    }

    @Test
    void eachIsEndedInItsTimeAndWhoMeansWellIsServedAllTheWhile() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> good = threads.submit(() -> goodRequests(isOver));
            Map<Attack, Future<String>> fates = new LinkedHashMap<>();
            for (Attack attack : attacks()) {
                String address = "127.0.1." + (1 + fates.size());
                fates.put(attack, threads.submit(() -> fate(attack, address)));
            }
            try {
                for (Map.Entry<Attack, Future<String>> fate : fates.entrySet()) {
                    assertThat(fate.getValue())
                            .as(fate.getKey().name)
                            .succeedsWithin(ENDED_WITHIN)
                            .isEqualTo(fate.getKey().fate);
                }
            } finally {
                isOver.set(true);
                fates.values().forEach(fate -> fate.cancel(true));
            }
            assertThat(good.get(1, TimeUnit.MINUTES)).isPositive();
        }
    }

    private String fate(Attack attack, String address) throws Exception {
        try (RawHttp2Client client = new RawHttp2Client(trust, address, port(), 65_536)) {
            return attack.deed.on(client);
        }
    }

    /** 270 of the longest script over HTTP/2 and 70 over HTTP/1.1: several times the direct memory that there is. */
    @Test
    void repliesThatNobodyReadsTakeNoMemoryFromOthers() throws Exception {
        List<Closeable> open = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                RawHttp2Client client = new RawHttp2Client(trust, "127.0.2." + (1 + i), port(), 0);
                open.add(client);
                client.begin(INITIAL_WINDOW_SIZE, 0);
                for (int stream = 0; stream < 90; stream++) {
                    String coding = List.of("gzip", "deflate", "identity").get(stream % 3);
                    client.get(2 * stream + 1, SCRIPT, Map.of("accept-encoding", coding));
                }
                client.awaitHeads(90);
            }
            for (int i = 0; i < 70; i++) {
                open.add(unread("127.0.3.1"));
            }
            try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
                HttpResponse<byte[]> reply = sent(client, request(SCRIPT));
                assertThat(reply.statusCode()).isEqualTo(200);
                assertThat(reply.body()).hasSizeGreaterThan(1_000_000);
                HttpResponse<byte[]> deflatable = sent(client, request(SCRIPT, "deflate"));
                assertThat(deflatable.headers().firstValue("Content-Encoding")).isEmpty();
                HttpResponse<byte[]> zipped = sent(client, request(SCRIPT, "gzip"));
                try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
                    assertThat(plain.readAllBytes()).isEqualTo(reply.body());
                }
            }
        } finally {
            for (Closeable client : open) {
                client.close();
            }
        }
    }

    /** A connection of HTTP/1.1 whose reply has begun. */
    private Socket unread(String from) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port()));
        SSLSocket tls = (SSLSocket) trust.getSocketFactory().createSocket(socket, "127.0.0.1", port(), true);
        tls.getOutputStream().write(("GET " + SCRIPT + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(US_ASCII));
        assertThat(tls.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    private HttpRequest request(String path) {
        return request(path, "identity");
    }

    private HttpRequest request(String path, String coding) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port()).resolve(path))
                .header("Accept-Encoding", coding)
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    /** How many were served, each as it should be. */
    private int goodRequests(AtomicBoolean isOver) throws Exception {
        int served = 0;
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
            while (!isOver.get()) {
                for (String path : List.of("/v1/keys", SCRIPT)) {
                    HttpResponse<byte[]> reply = sent(client, request(path));
                    assertThat(reply.statusCode()).isEqualTo(200);
                    assertThat(reply.version()).isEqualTo(HttpClient.Version.HTTP_2);
                    served++;
                }
                Thread.sleep(100);
            }
        }
        return served;
    }

    /** Once more, if the connection was closed for its idleness just then. */
    private static HttpResponse<byte[]> sent(HttpClient client, HttpRequest request) throws Exception {
        try {
            return client.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            return client.send(request, BodyHandlers.ofByteArray());
        }
    }
}
