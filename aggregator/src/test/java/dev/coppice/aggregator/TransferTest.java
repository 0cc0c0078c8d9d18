package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What HTTP says of files of packs: whole, in parts, encoded, and for caches in between. */
@Timeout(300)
class TransferTest {
    private static final byte[] OLD = weights(1);
    private static final byte[] FILE = weights(2);
    private static final String NAME = Sha256.hex(FILE);
    private static final String TAG = "\"" + NAME + "\"";

    @TempDir
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static AggregatorProcess aggregator;

    @BeforeAll
    @SuppressWarnings("MustBeClosed") // closed after all tests
    static void store() throws Exception {
        aggregator = new AggregatorProcess(folder);
        for (byte[] file : List.of(OLD, FILE)) {
            assertThat(aggregator
                            .operator()
                            .send("PUT", "/v1/admin/blobs", file)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @AfterAll
    static void end() {
        aggregator.close();
    }

    @Test
    void aFileGoesAsItIsToWhoAsksForNothingElse() throws Exception {
        HttpResponse<byte[]> reply = get();
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(FILE);
        assertThat(reply.headers().allValues("etag")).containsExactly(TAG);
        assertThat(reply.headers().allValues("accept-ranges")).containsExactly("bytes");
        assertThat(reply.headers().allValues("content-encoding")).isEmpty();
        assertThat(reply.headers().allValues("content-length")).containsExactly(Integer.toString(FILE.length));
        assertThat(reply.headers().allValues("vary")).containsExactly("Accept-Encoding, Available-Dictionary");
        assertThat(reply.headers().allValues("cache-control")).containsExactly("public, max-age=31536000, immutable");
    }

    @Test
    void partsComeOnlyOfWhatTheAskerHasTheBeginningOf() throws Exception {
        HttpResponse<byte[]> rest = get("Range", "bytes=1000-", "If-Range", TAG);
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(FILE, 1000, FILE.length));
        assertThat(rest.headers().allValues("content-range"))
                .containsExactly("bytes 1000-" + (FILE.length - 1) + "/" + FILE.length);
        for (List<String> other : List.of(
                List.of("Range", "bytes=1000-", "If-Range", "\"other\""),
                List.of("Range", "bytes=-5"),
                List.of("Range", "bytes=10-19"),
                List.of("Range", "bytes=1-2,5-6"),
                List.of("Range", "lines=1-"))) {
            HttpResponse<byte[]> whole = get(other.toArray(new String[0]));
            assertThat(whole.statusCode()).as(other.toString()).isEqualTo(200);
            assertThat(whole.body()).isEqualTo(FILE);
        }
        HttpResponse<byte[]> nothing = get("Range", "bytes=" + FILE.length + "-", "If-Range", TAG);
        assertThat(nothing.statusCode()).isEqualTo(416);
        assertThat(nothing.headers().allValues("content-range")).containsExactly("bytes */" + FILE.length);
        assertThat(get("If-None-Match", "\"x\", " + TAG).statusCode()).isEqualTo(304);
    }

    @Test
    void theShortestEncodingIsTheDifferenceToWhatTheAskerHas() throws Exception {
        HttpResponse<byte[]> whole = get("Accept-Encoding", "gzip, " + PackCoding.NAME);
        HttpResponse<byte[]> less = get("Accept-Encoding", PackCoding.NAME, "Available-Dictionary", dictionary(OLD));
        assertThat(less.headers().allValues("content-encoding")).containsExactly(PackCoding.NAME);
        assertThat(PackCoding.decode(less.body(), Optional.of(OLD), FILE.length))
                .isEqualTo(FILE);
        assertThat(PackCoding.decode(whole.body(), Optional.empty(), FILE.length))
                .isEqualTo(FILE);
        assertThat(less.body().length).isLessThan(whole.body().length);
        assertThat(whole.body().length).isLessThan(FILE.length / 2);
        String tag = less.headers().firstValue("etag").orElseThrow();
        assertThat(tag)
                .isNotEqualTo(TAG)
                .isNotEqualTo(whole.headers().firstValue("etag").orElseThrow());
        HttpResponse<byte[]> rest = get(
                "Accept-Encoding",
                PackCoding.NAME,
                "Available-Dictionary",
                dictionary(OLD),
                "Range",
                "bytes=100-",
                "If-Range",
                tag);
        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.body()).isEqualTo(Arrays.copyOfRange(less.body(), 100, less.body().length));
        for (String unknown : List.of(dictionary(new byte[5]), "x", ":x:", dictionary(FILE))) {
            assertThat(get("Accept-Encoding", PackCoding.NAME, "Available-Dictionary", unknown)
                            .body())
                    .as(unknown)
                    .isEqualTo(whole.body());
        }
    }

    @Test
    void whoKnowsZstandardGetsThat() throws Exception {
        HttpResponse<byte[]> reply = get("Accept-Encoding", "br;q=1, zstd;q=0.5");
        assertThat(reply.headers().allValues("content-encoding")).containsExactly("zstd");
        assertThat(Zstd.decompress(reply.body(), FILE.length)).isEqualTo(FILE);
        assertThat(get("Accept-Encoding", "zstd;q=0").body()).isEqualTo(FILE);
        assertThat(get("Accept-Encoding", "identity").body()).isEqualTo(FILE);
    }

    @Test
    void whatIsNotStoredIsNotFoundInAnyEncoding() throws Exception {
        HttpResponse<byte[]> reply = new Wire(List.of(aggregator.uri()))
                .once(
                        HttpRequest.newBuilder()
                                .header("Accept-Encoding", PackCoding.NAME)
                                .GET(),
                        "/v1/repository/targets/" + "0".repeat(64) + ".x");
        assertThat(reply.statusCode()).isEqualTo(404);
    }

    private static HttpResponse<byte[]> get(String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder().GET();
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return new Wire(List.of(aggregator.uri()))
                .once(request, "/v1/repository/targets/skills/lights/1/" + NAME + ".weights");
    }

    private static String dictionary(byte[] file) {
        return ":" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(Sha256.hex(file))) + ":";
    }

    /** Weights of two versions, of which the second is a little further along. */
    private static byte[] weights(int version) {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("b", List.of(10_000))));
        SplittableRandom first = new SplittableRandom(1);
        SplittableRandom second = new SplittableRandom(2);
        float[] values = new float[layout.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (first.nextDouble() - 0.5 + (version - 1) * 0.1 * second.nextDouble());
        }
        return Safetensors.write(PackCoding.coarse(AdapterWeights.of(layout, values)), Map.of("format", "pt"));
    }
}
