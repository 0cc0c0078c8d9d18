package dev.coppice.agent.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.agent.store.StoreFailedException;
import dev.coppice.agent.upload.Transport.Reply;
import dev.coppice.agent.upload.Transport.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpTransportTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private HttpTransport transport;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/echo", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String type = String.valueOf(exchange.getRequestHeaders().getFirst("content-type"));
            exchange.sendResponseHeaders(type.equals("application/x-protobuf") ? 200 : 415, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.createContext("/zeros", exchange -> {
            exchange.sendResponseHeaders(200, 100_000);
            exchange.getResponseBody().write(new byte[100_000]);
            exchange.close();
        });
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("location", "/zeros");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/silent", exchange -> {});
        server.createContext("/dripping", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                for (int i = 0; i < 600; i++) {
                    exchange.getResponseBody().write(0);
                    exchange.getResponseBody().flush();
                    Thread.sleep(50);
                }
            } catch (IOException | InterruptedException e) {
                exchange.close(); // the client hung up
            }
        });
        server.setExecutor(threads);
        server.start();
        transport = new HttpTransport(address(), Duration.ofSeconds(1));
    }

    @AfterEach
    void stop() {
        transport.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void aBodyGoesOutAndAReplyComesBack() throws Exception {
        ByteString body = ByteString.copyFromUtf8("body");
        assertThat(transport.exchange(Request.post("/echo", body, 10))).isEqualTo(new Reply(200, body));
        assertThat(get("/nothing", 1000).status()).isEqualTo(404);
    }

    @Test
    void aReplyAsLongAsAllowedIsReadAndALongerOneRefused() throws Exception {
        assertThat(get("/zeros", 100_000).body().size()).isEqualTo(100_000);
        assertThatThrownBy(() -> get("/zeros", 99_999))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("99999");
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        assertThat(get("/moved", 1000).status()).isEqualTo(302);
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() {
        assertThatThrownBy(() -> get("/silent", 1000)).isInstanceOf(IOException.class);
    }

    @Test
    @Timeout(10)
    void aServerThatDripsIsGivenUp() {
        assertThatThrownBy(() -> get("/dripping", 1000)).isInstanceOf(IOException.class);
    }

    @Test
    @Timeout(10)
    void aCallerWhoIsInterruptedWaitsNoLonger() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> get("/silent", 1000)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void aTransportHasThreadsOnlyBetweenItsFirstExchangeAndItsEnd() throws Exception {
        assertThat(clientThreads()).isEmpty();
        get("/nothing", 1000);
        assertThat(clientThreads()).isNotEmpty();
        transport.close();
        for (int i = 0; i < 500 && !clientThreads().isEmpty(); i++) {
            Thread.sleep(10); // a thread that has been told to end
        }
        assertThat(clientThreads()).isEmpty();
        assertThat(get("/nothing", 1000).status()).isEqualTo(404);
    }

    @Test
    void aClientThatOthersShareGoesOnAfterOneOfThemIsClosed() throws Exception {
        HttpClient shared = HttpClient.newHttpClient();
        BoundedHttp one = new BoundedHttp(shared);
        URI nothing = address().resolve("/nothing");
        for (int i = 0; i < 2; i++) {
            assertThat(one.get(nothing, 1000, Duration.ofSeconds(1)).status()).isEqualTo(404);
            one.close();
        }
    }

    @Test
    void whoCannotStoreAReplyIsToldSo() {
        Transport.Sink full = new Transport.Sink() {
            @Override
            public void head(int status, Map<String, String> headers) {}

            @Override
            public void body(byte[] part) throws IOException {
                throw new StoreFailedException(Path.of("part"), new IOException("no room"));
            }
        };
        try (BoundedHttp http = new BoundedHttp()) {
            assertThatThrownBy(() ->
                            http.fetch(address().resolve("/zeros"), Map.of(), 100_000, Duration.ofSeconds(9), full))
                    .isInstanceOf(StoreFailedException.class)
                    .hasMessageContaining("no room");
        }
    }

    @Test
    void addressesThatAreNotOfTheWebAreRefused() {
        for (String address : List.of("file:///etc", "aggregator", "ftp://aggregator")) {
            assertThatThrownBy(() -> new HttpTransport(URI.create(address), Duration.ofSeconds(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRequestIsRepeatedWithGrowingPausesUntilItIsGivenUp() {
        List<Duration> pauses = new ArrayList<>();
        server.stop(0);
        Wire wire = new Wire(transport, pauses::add);
        assertThatThrownBy(() -> wire.get("/echo", 10)).isInstanceOf(IOException.class);
        assertThat(pauses).hasSize(8).isSorted();
        assertThat(pauses.get(0)).isEqualTo(Duration.ofMillis(250));
        assertThat(pauses.get(7)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aNoIsNotAskedForTwice() {
        List<Duration> pauses = new ArrayList<>();
        Wire wire = new Wire(transport, pauses::add);
        assertThatThrownBy(() -> wire.get("/nothing", 1000)).isInstanceOf(ServerRefusedException.class);
        assertThat(pauses).isEmpty();
    }

    private Reply get(String path, int bytesMax) throws Exception {
        return transport.exchange(Request.get(path, bytesMax));
    }

    private static List<Thread> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("HttpClient"))
                .toList();
    }

    private URI address() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }
}
