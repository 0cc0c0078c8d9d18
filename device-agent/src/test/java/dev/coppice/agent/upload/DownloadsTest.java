package dev.coppice.agent.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.agent.store.PartialFile;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.TargetFile;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files come whole over connections that break, and from servers that lie not at all. */
@Timeout(60)
class DownloadsTest {
    private static final byte[] CONTENT = bytes(1, 300_000);
    private static final TargetFile TARGET = TargetFile.of("skills/lights/1/weights", CONTENT, Map.of());

    @TempDir
    Path folder;

    private final List<String> asked = new ArrayList<>();
    private HttpServer server;
    private HttpTransport transport;

    private byte[] served = CONTENT;
    private String encoding = "";
    /** Bytes after which the connection breaks, of each reply in turn; the last one is whole. */
    private final Deque<Integer> breaks = new ArrayDeque<>();

    private boolean ignoresRanges;
    private long shift;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/repository/targets/", this::answer);
        server.start();
        transport = new HttpTransport(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()), Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        transport.close();
        server.stop(0);
    }

    @Test
    void whatCameIsNotFetchedAgainHoweverOftenTheConnectionBreaks() throws Exception {
        for (int i = 0; i < 20; i++) { // more often than an attempt without progress is repeated
            breaks.add(10_000);
        }
        Wire wire = wire();
        assertThat(new Downloads(wire, folder).fetch(TARGET, Optional.empty())).isEqualTo(CONTENT);
        assertThat(asked).hasSize(21).element(1).isEqualTo("bytes=10000-");
        assertThat(wire.bytesDown()).isEqualTo(CONTENT.length);
    }

    @Test
    void anotherProcessGoesOnWhereOneWasKilled() throws Exception {
        breaks.add(123_456);
        Pause killed = length -> {
            throw new InterruptedException("killed");
        };
        assertThatThrownBy(() -> new Downloads(new Wire(transport, killed), folder).fetch(TARGET, Optional.empty()))
                .isInstanceOf(InterruptedException.class);
        Wire wire = wire();
        assertThat(new Downloads(wire, folder).fetch(TARGET, Optional.empty())).isEqualTo(CONTENT);
        assertThat(asked).containsExactly("", "bytes=123456-");
        assertThat(wire.bytesDown()).isEqualTo(CONTENT.length - 123_456);
    }

    @Test
    void whatIsWholeIsNotFetchedAgainBeforeItIsCleared() throws Exception {
        Wire wire = wire();
        Downloads downloads = new Downloads(wire, folder);
        downloads.fetch(TARGET, Optional.empty());
        assertThat(downloads.fetch(TARGET, Optional.empty())).isEqualTo(CONTENT);
        assertThat(wire.bytesDown()).isEqualTo(CONTENT.length);
        downloads.clear();
        assertThat(folder).isEmptyDirectory();
        downloads.fetch(TARGET, Optional.empty());
        assertThat(wire.bytesDown()).isEqualTo(2L * CONTENT.length);
    }

    @Test
    void anEncodedFileIsResumedAndDecodedWithWhatIsHere() throws Exception {
        byte[] old = CONTENT.clone();
        old[5] ^= 1;
        encoding = PackCoding.NAME;
        byte[] any = bytes(2, 200_000);
        served = PackCoding.encode(any, Optional.of(old));
        TargetFile target = TargetFile.of("skills/lights/1/weights", any, Map.of());
        breaks.add(50_000);
        assertThatThrownBy(() -> new Downloads(wire(), folder).fetch(target, Optional.of(old)))
                .as("random bytes get no shorter, so this encoding is longer than what was signed for")
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("more");
        byte[] zeros = new byte[3_000_000];
        served = PackCoding.encode(zeros, Optional.empty());
        breaks.add(1_000);
        assertThat(new Downloads(wire(), folder)
                        .fetch(TargetFile.of("skills/lights/1/zeros", zeros, Map.of()), Optional.empty()))
                .isEqualTo(zeros);
        assertThat(asked).last().isEqualTo("bytes=1000-");
    }

    @Test
    void aFileThatChangedInBetweenIsFetchedFromTheBeginning() throws Exception {
        breaks.add(100_000);
        byte[] other = bytes(3, 300_000);
        served = other;
        Pause changes = length -> served = CONTENT;
        assertThat(new Downloads(new Wire(transport, changes), folder).fetch(TARGET, Optional.empty()))
                .isEqualTo(CONTENT);
    }

    @Test
    void aServerWithoutRangesSendsAllAgain() throws Exception {
        ignoresRanges = true;
        breaks.add(100_000);
        Wire wire = wire();
        assertThat(new Downloads(wire, folder).fetch(TARGET, Optional.empty())).isEqualTo(CONTENT);
        assertThat(wire.bytesDown()).isEqualTo(CONTENT.length + 100_000);
    }

    @Test
    void anotherPartThanWasAskedForIsNotTaken() throws Exception {
        breaks.add(100_000);
        shift = 7;
        Pause mends = length -> {
            if (asked.size() > 1) {
                shift = 0;
            }
        };
        assertThat(new Downloads(new Wire(transport, mends), folder).fetch(TARGET, Optional.empty()))
                .isEqualTo(CONTENT);
    }

    @Test
    void anotherFileIsRefusedAndNotKept() throws Exception {
        served = bytes(4, CONTENT.length);
        assertThatThrownBy(() -> new Downloads(wire(), folder).fetch(TARGET, Optional.empty()))
                .isInstanceOf(MetadataRefusedException.Mismatched.class);
        served = CONTENT;
        assertThat(new Downloads(wire(), folder).fetch(TARGET, Optional.empty()))
                .isEqualTo(CONTENT);
        assertThat(asked).containsExactly("", "");
    }

    @Test
    void aPartThatWasSpoiledOnTheDiskIsDroppedAndFetchedAgain() throws Exception {
        breaks.add(100_000);
        Pause spoils = length -> {
            try {
                Path part = folder.resolve(TARGET.sha256());
                byte[] bytes = Files.readAllBytes(part);
                bytes[50_000] ^= 1;
                Files.write(part, bytes);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        Downloads downloads = new Downloads(new Wire(transport, spoils), folder);
        assertThatThrownBy(() -> downloads.fetch(TARGET, Optional.empty()))
                .as("within one call it is not known that the disk is to blame")
                .isInstanceOf(MetadataRefusedException.Mismatched.class);
        breaks.add(100_000);
        Pause killed = length -> {
            throw new InterruptedException("killed");
        };
        assertThatThrownBy(() -> new Downloads(new Wire(transport, killed), folder).fetch(TARGET, Optional.empty()))
                .isInstanceOf(InterruptedException.class);
        spoils.sleep(Duration.ZERO);
        assertThat(new Downloads(wire(), folder).fetch(TARGET, Optional.empty()))
                .isEqualTo(CONTENT);
        for (int i = 0; i < 2_000; i++) { // whatever its first bytes are
            byte[] any = bytes(i, 1 + i % 40);
            Files.write(folder.resolve(TARGET.sha256()), any);
            assertThat(PartialFile.open(folder, TARGET.sha256(), 10).size()).isBetween(0L, 10L);
        }
    }

    @Test
    void noMoreIsTakenThanWasSignedFor() {
        served = bytes(5, CONTENT.length + 1);
        Wire wire = wire();
        assertThatThrownBy(() -> new Downloads(wire, folder).fetch(TARGET, Optional.empty()))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("more");
        assertThat(folder.resolve(TARGET.sha256()).toFile().length()).isLessThan(CONTENT.length + 1000L);
    }

    @Test
    void anEncodingThatWasNotAskedForIsNotTaken() {
        encoding = "br";
        assertThatThrownBy(() -> new Downloads(wire(), folder).fetch(TARGET, Optional.empty()))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("encoding");
    }

    @Test
    void aTransportThatKnowsNeitherPartsNorEncodingsWillDo() throws Exception {
        Transport simple = request -> new Transport.Reply(200, ByteString.copyFrom(CONTENT));
        assertThat(new Downloads(new Wire(simple, length -> {}), folder).fetch(TARGET, Optional.empty()))
                .isEqualTo(CONTENT);
    }

    private Wire wire() {
        return new Wire(transport, length -> {});
    }

    private void answer(HttpExchange exchange) throws IOException {
        Headers request = exchange.getRequestHeaders();
        String range = Optional.ofNullable(request.getFirst("range")).orElse("");
        asked.add(range);
        String tag = "\"" + Sha256.hex(served) + "\"";
        exchange.getResponseHeaders().set("etag", tag);
        if (!encoding.isEmpty()) {
            exchange.getResponseHeaders().set("content-encoding", encoding);
        }
        int from = 0;
        if (!range.isEmpty() && !ignoresRanges && tag.equals(request.getFirst("if-range"))) {
            from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        }
        if (from == served.length) {
            exchange.sendResponseHeaders(416, -1);
            exchange.close();
            return;
        }
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("content-range", "bytes " + (from + shift) + "-" + (served.length - 1) + "/" + served.length);
        }
        byte[] body = Arrays.copyOfRange(served, from > 0 ? (int) (from + shift) : 0, served.length);
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length);
        int sent = breaks.isEmpty() ? body.length : Math.min(body.length, breaks.remove());
        exchange.getResponseBody().write(body, 0, sent);
        exchange.getResponseBody().flush();
        if (sent < body.length) {
            throw new IOException("the connection breaks"); // the server closes it
        }
        exchange.close();
    }

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new SeededBytes(seed).fill(bytes);
        return bytes;
    }
}
