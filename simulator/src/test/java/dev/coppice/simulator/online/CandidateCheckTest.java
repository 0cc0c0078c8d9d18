package dev.coppice.simulator.online;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.crypto.Sha256;
import dev.coppice.simulator.operator.AdminClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Aggregators that hand out something else than the adapter of a round. */
class CandidateCheckTest {
    private static final ParameterLayout LAYOUT = layout(4);

    private final Map<String, byte[]> blobs = new HashMap<>();
    private HttpServer server;
    private HttpClient client;
    private CandidateCheck check;

    private static ParameterLayout layout(int values) {
        return ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(values))));
    }

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/blobs/", exchange -> {
            byte[] bytes = blobs.get(exchange.getRequestURI().getPath().replace("/v1/blobs/", ""));
            exchange.sendResponseHeaders(bytes == null ? 404 : 200, bytes == null ? -1 : bytes.length);
            if (bytes != null) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        });
        server.start();
        client = HttpClient.newHttpClient();
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        check = new CandidateCheck(new AdminClient(client, address, "token"), LAYOUT);
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    private String stored(byte[] bytes) {
        String sha256 = Sha256.hex(bytes);
        blobs.put(sha256, bytes);
        return sha256;
    }

    private static byte[] adapter(float... values) {
        return Safetensors.write(AdapterWeights.of(layout(values.length), values));
    }

    @Test
    void anAdapterOfTheTaskHasNoFault() throws Exception {
        assertThat(check.fault(stored(adapter(1, -2, 3, 0)))).isEmpty();
    }

    @Test
    void whatHasAnotherHashIsSaid() throws Exception {
        String sha256 = stored(adapter(1, 2, 3, 4));
        blobs.put(sha256, adapter(1, 2, 3, 5));
        assertThat(check.fault(sha256)).contains(sha256, "another hash");
    }

    @Test
    void whatIsOfAnotherFormIsSaid() throws Exception {
        assertThat(check.fault(stored(adapter(1, 2, 3)))).contains("none of the task's form");
        byte[] whole = adapter(1, 2, 3, 4);
        assertThat(check.fault(stored(Arrays.copyOf(whole, whole.length - 1)))).contains("none of the task's form");
        assertThat(check.fault(stored(new byte[0]))).contains("none of the task's form");
    }

    @Test
    void whatIsNoNumberIsSaid() throws Exception {
        assertThat(check.fault(stored(adapter(1, Float.NaN, 3, 4)))).contains("not finite");
        assertThat(check.fault(stored(adapter(1, 2, 3, Float.NEGATIVE_INFINITY))))
                .contains("not finite");
    }

    @Test
    void whatIsNotThereIsSaid() throws Exception {
        assertThat(check.fault("00".repeat(32))).contains("cannot be had", "404");
        String sha256 = stored(adapter(1, 2, 3, 4));
        server.stop(0);
        assertThat(check.fault(sha256)).contains("cannot be had");
    }
}
