package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.testkit.ServerIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Handshakes with a real server, whose files are changed while it runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {
    private Path folder;
    private ServerIdentity first;
    private ServerIdentity second;
    private AggregatorProcess aggregator;

    @BeforeAll
    void start(@TempDir Path given) throws Exception {
        folder = given;
        first = ServerIdentity.make(folder, "first", "EC");
        second = ServerIdentity.make(folder, "second", "EC");
        first.writeCertificate(folder.resolve("chain.pem"));
        first.writeKey(folder.resolve("key.pem"));
        aggregator = new AggregatorProcess(
                folder,
                List.of(
                        "--tls-certificate",
                        folder.resolve("chain.pem").toString(),
                        "--tls-key",
                        folder.resolve("key.pem").toString()),
                Map.of());
    }

    @AfterAll
    void stop() {
        aggregator.close();
    }

    @Test
    void bothVersionsOfHttpAreSpokenOverTls13AndNoOlderOne() throws Exception {
        for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
            HttpResponse<String> reply = get(version);
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.version()).isEqualTo(version);
            assertThat(reply.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
        }
        try (SSLSocket old = socket()) {
            old.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(old::startHandshake).isInstanceOf(SSLException.class);
        }
        try (HttpClient plain = HttpClient.newHttpClient()) {
            URI address = URI.create("http://127.0.0.1:" + aggregator.uri().getPort() + "/health");
            assertThatThrownBy(() -> plain.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding()))
                    .isInstanceOf(IOException.class);
        }
    }

    /** The certificate alone fits no key: until the key is there, too, the old pair is used. */
    @Test
    void aNewCertificateIsUsedOnceBothFilesAreThereAndWithoutARestart() throws Exception {
        assertThat(presented()).isEqualTo(first.certificate());
        second.writeCertificate(folder.resolve("chain.pem"));
        await("is not used, but what was there before: the key is not that of the certificate");
        assertThat(presented()).isEqualTo(first.certificate());
        second.writeKey(folder.resolve("key.pem"));
        await("New connections get the certificate");
        assertThat(presented()).isEqualTo(second.certificate());
        assertThat(get(Version.HTTP_2).statusCode()).isEqualTo(200);
        first.writeKey(folder.resolve("key.pem"));
        first.writeCertificate(folder.resolve("chain.pem"));
        for (int i = 0; i < 100 && !presented().equals(first.certificate()); i++) {
            Thread.sleep(100);
        }
        assertThat(presented()).isEqualTo(first.certificate());
    }

    @Test
    void filesThatHoldNoPairStopTheStartAndSayWhy() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing\n");
        first.writeKey(folder.resolve("own-key.pem"));
        assertThatThrownBy(() -> {
                    try (AggregatorProcess other = new AggregatorProcess(
                            folder.resolve("other"),
                            List.of(
                                    "--tls-certificate",
                                    empty.toString(),
                                    "--tls-key",
                                    folder.resolve("own-key.pem").toString()),
                            Map.of())) {
                        other.terminate();
                    }
                })
                .hasMessageContaining("No TLS with " + empty);
    }

    private URI address(String path) {
        return URI.create("https://127.0.0.1:" + aggregator.uri().getPort() + path);
    }

    private void await(String line) throws Exception {
        for (int i = 0; i < 100 && !aggregator.output().contains(line); i++) {
            Thread.sleep(100);
        }
        assertThat(aggregator.output()).contains(line);
    }

    private HttpResponse<String> get(Version version) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(version).sslContext(trust()).build()) {
            return client.send(HttpRequest.newBuilder(address("/health")).build(), BodyHandlers.ofString());
        }
    }

    private X509Certificate presented() throws Exception {
        try (SSLSocket socket = socket()) {
            socket.startHandshake();
            Certificate[] chain = socket.getSession().getPeerCertificates();
            return (X509Certificate) chain[0];
        }
    }

    private SSLSocket socket() throws Exception {
        return (SSLSocket) trust().getSocketFactory()
                .createSocket("127.0.0.1", aggregator.uri().getPort());
    }

    private SSLContext trust() throws Exception {
        return ServerIdentity.trusting(first, second);
    }
}
