package dev.coppice.agent.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coppice.testkit.ServerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateAuthorityTest {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @Test
    void aServerIsBelievedByItsOwnAuthorityAndByNoOther() throws Exception {
        ServerIdentity own = ServerIdentity.make(folder, "own", "EC");
        ServerIdentity other = ServerIdentity.make(folder, "other", "EC");
        own.writeCertificate(folder.resolve("own.pem"));
        other.writeCertificate(folder.resolve("other.pem"));
        HttpsServer server = server(own);
        URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
        try (HttpTransport believing = transport(address, "own.pem");
                HttpTransport doubting = transport(address, "other.pem");
                HttpTransport usual = new HttpTransport(address, LONGEST)) {
            Transport.Request request = Transport.Request.get("/", 10);
            assertThat(believing.exchange(request).status()).isEqualTo(204);
            assertThatThrownBy(() -> doubting.exchange(request)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> usual.exchange(request)).isInstanceOf(IOException.class);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aFileWithoutACertificateIsNoAuthority() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        assertThatThrownBy(() -> PrivateAuthority.trust(empty))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no certificate");
    }

    private HttpTransport transport(URI address, String authority) throws IOException {
        return new HttpTransport(new BoundedHttp(PrivateAuthority.trust(folder.resolve(authority))), address, LONGEST);
    }

    private static HttpsServer server(ServerIdentity identity) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", identity.key(), new char[0], new Certificate[] {identity.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return server;
    }
}
