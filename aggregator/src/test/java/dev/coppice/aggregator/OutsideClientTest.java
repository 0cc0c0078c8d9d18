package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.release.RepositoryOwner;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.TargetFile;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The repository over HTTP, as caches and a TUF client of others (tuf-js, on Node) see it. */
@Timeout(300)
class OutsideClientTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "skills/lights/1/skill.json";
    private static final byte[] CONTENT = "{\"skill\": \"lights\"}".getBytes(StandardCharsets.UTF_8);
    private static final TargetFile FILE = TargetFile.of(PATH, CONTENT, Map.of("base-model", "0".repeat(64)));

    @TempDir
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static AggregatorProcess aggregator;

    @SuppressWarnings("NullAway.Init")
    private static Operator operator;

    @SuppressWarnings("NullAway.Init")
    private static RepositoryOwner owner;

    @BeforeAll
    @SuppressWarnings("MustBeClosed") // closed after all tests
    static void beginARepository() throws Exception {
        aggregator = new AggregatorProcess(folder);
        operator = aggregator.operator();
        owner = new RepositoryOwner(operator.repositoryKeys());
        put("root", owner.root(1, Instant.now(), owner.root));
        assertThat(operator.send("PUT", "/v1/admin/blobs", CONTENT).statusCode())
                .isEqualTo(200);
        put("targets", owner.targets(1, Instant.now(), FILE));
    }

    @AfterAll
    static void end() {
        aggregator.close();
    }

    @Test
    void cachesMayKeepWhatNeverChanges() throws Exception {
        for (String path : List.of("metadata/1.root.json", "metadata/1.targets.json", "targets/" + FILE.location())) {
            HttpResponse<byte[]> reply = get(path);
            assertThat(reply.statusCode()).as(path).isEqualTo(200);
            assertThat(reply.headers().firstValue("cache-control")).hasValue("public, max-age=31536000, immutable");
        }
        for (String path : List.of("metadata/timestamp.json", "metadata/99.root.json")) {
            assertThat(get(path).headers().firstValue("cache-control")).as(path).hasValue("public, max-age=30");
        }
        assertThat(get("targets/" + FILE.location()).body()).isEqualTo(CONTENT);
        for (String path : List.of("metadata/99.root.json", "targets/x", "targets/..%2f..%2foperator.token", "x")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void theLogIsServedBesides() throws Exception {
        Wire wire = new Wire(List.of(aggregator.uri()));
        HttpResponse<byte[]> checkpoint = wire.once(HttpRequest.newBuilder().GET(), "/v1/log/checkpoint");
        assertThat(new String(checkpoint.body(), StandardCharsets.UTF_8)).startsWith("coppice.log/");
        assertThat(checkpoint.headers().firstValue("cache-control")).hasValue("public, max-age=30");
        for (String path : List.of("tile/0/000", "tile/x", "position/" + FILE.sha256(), "x")) {
            assertThat(wire.once(HttpRequest.newBuilder().GET(), "/v1/log/" + path)
                            .statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @Test
    void whatNobodySignedIsRefusedWithItsReason() throws Exception {
        for (String file : List.of("root", "targets")) {
            HttpResponse<byte[]> reply = operator.send("PUT", "/v1/admin/repository/" + file, new byte[] {1, 2});
            assertThat(reply.statusCode()).as(file).isEqualTo(422);
            assertThat(new String(reply.body(), StandardCharsets.UTF_8)).contains("\"status\":422", "\"detail\":");
        }
    }

    @Test
    void tufJsBelievesItThroughARotationOfRootKeysAndNoChangedFile() throws Exception {
        Path client = tufJs();
        Path metadata = Files.createDirectories(folder.resolve("outside-metadata"));
        Files.write(metadata.resolve("root.json"), get("metadata/1.root.json").body());
        JsonNode before = run(client, metadata);
        assertThat(before.path("target").asText()).isEqualTo(new String(CONTENT, StandardCharsets.UTF_8));
        assertThat(before.path("root").asInt()).isEqualTo(1);

        List<Signatory> both = new ArrayList<>(owner.root.subList(0, 2));
        owner.root = RepositoryOwner.holders(500);
        both.addAll(owner.root.subList(1, 3));
        put("root", owner.root(2, Instant.now(), both));
        owner.targets = RepositoryOwner.holders(600);
        put("root", owner.root(3, Instant.now(), owner.root));
        put("targets", owner.targets(2, Instant.now(), FILE));
        JsonNode after = run(client, metadata);
        assertThat(after.path("root").asInt()).as(after.toString()).isEqualTo(3);
        assertThat(after.path("target").asText()).isEqualTo(new String(CONTENT, StandardCharsets.UTF_8));

        Path blob = aggregator
                .home()
                .resolve("blobs")
                .resolve(FILE.sha256().substring(0, 2))
                .resolve(FILE.sha256());
        byte[] changed = CONTENT.clone();
        changed[2] ^= 1;
        Files.write(blob, changed);
        try {
            assertThat(run(client, metadata).path("refused").asText()).isEqualTo("LengthOrHashMismatchError");
        } finally {
            Files.write(blob, CONTENT);
        }
    }

    /** A folder with tuf-js of the version that is pinned in package-lock.json; skips where there is no Node. */
    private static Path tufJs() throws IOException, InterruptedException {
        assumeTrue(onPath("node") && onPath("npm"), "Node is not installed");
        Path client = Files.createDirectories(folder.resolve("tuf-js"));
        for (String file : List.of("package.json", "package-lock.json", "client.js")) {
            try (var resource = OutsideClientTest.class.getResourceAsStream("/tuf-js/" + file)) {
                assertThat(resource).as(file).isNotNull();
                Files.write(client.resolve(file), resource.readAllBytes());
            }
        }
        start(client, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        return client;
    }

    private static boolean onPath(String program) {
        return List.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Each time into a new folder, or the client would be content with what it has. */
    private static JsonNode run(Path client, Path metadata) throws IOException, InterruptedException {
        Path targets = Files.createTempDirectory(folder, "outside-targets");
        return JSON.readTree(start(
                client,
                "node",
                "client.js",
                metadata.toString(),
                targets.toString(),
                aggregator.uri() + "/v1/repository",
                PATH));
    }

    private static String start(Path where, String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "outside", ".log");
        Process process = new ProcessBuilder(command)
                .directory(where.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(command[0]).isTrue();
        String said = Files.readString(log);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private static void put(String file, byte[] content) throws IOException {
        HttpResponse<byte[]> reply = operator.send("PUT", "/v1/admin/repository/" + file, content);
        assertThat(reply.statusCode())
                .as(new String(reply.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
    }

    private static HttpResponse<byte[]> get(String path) throws IOException {
        return new Wire(List.of(aggregator.uri())).once(HttpRequest.newBuilder().GET(), "/v1/repository/" + path);
    }
}
