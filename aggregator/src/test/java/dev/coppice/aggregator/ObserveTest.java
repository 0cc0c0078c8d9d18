package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.crypto.Sha256;
import dev.coppice.testkit.Broker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** A round of real devices, and what a real aggregator lets operators see of it: figures, a trace, log lines, and no secret. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObserveTest {
    private static final int DEVICES = 5;

    private final List<byte[]> traces = new CopyOnWriteArrayList<>();
    private final List<String> secrets = new ArrayList<>();
    private HttpServer collector;
    private Broker broker;
    private AggregatorProcess aggregator;
    private Wire wire;
    private Operator operator;
    private String roundId = "";
    private String taskId = "";

    @BeforeAll
    void runARound(@TempDir Path folder) throws Exception {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            traces.add(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces";
        broker = new Broker(folder.resolve("broker"));
        aggregator = new AggregatorProcess(
                folder,
                List.of(
                        "--log-format",
                        "json",
                        "--log-level",
                        "debug",
                        "--traces",
                        endpoint,
                        "--kafka",
                        broker.bootstrap()),
                Map.of("COPPICE_METRICS_TASKS_EVERY", "500ms"));
        wire = new Wire(List.of(aggregator.uri()));
        operator = aggregator.operator();
        List<Device> devices = operator.devices(DEVICES);
        operator.create(operator.task(50, 60, 4, 60).put("epsilon", 8).put("population", "elsewhere"));
        taskId = operator.createTask(3, DEVICES, 1, 60);
        new Fleet(devices).takePart(i -> i == 0 ? Device.Stop.AFTER_SHARING : Device.Stop.NEVER, (step, number) -> {
            if (step.equals("shares") && number == 0) {
                closeWhenMasked();
            }
        });
        JsonNode round = operator.awaitOver(taskId, 1);
        roundId = round.path("id").asText();
        assertThat(round.path("phase").asText()).isEqualTo("COMPLETED");
        assertThat(send("GET", "/v1/admin/faults", "Bearer wrong" + "0".repeat(59)))
                .isEqualTo(401);
        for (Device device : devices) {
            secrets.add(HexFormat.of().formatHex(device.key().seed()));
            secrets.add(Base64.getEncoder().encodeToString(device.key().seed()));
        }
        secrets.add(aggregator.token());
        secrets.add(scraperToken());
        try (Stream<Path> keys = Files.list(aggregator.home().resolve("keys"))) {
            for (Path key : keys.toList()) {
                secrets.add(HexFormat.of().formatHex(Files.readAllBytes(key)).substring(0, 32));
                secrets.add(Base64.getEncoder()
                        .encodeToString(Files.readAllBytes(key))
                        .substring(0, 22));
            }
        }
    }

    /** The one that fell silent is not waited for. */
    private void closeWhenMasked() {
        Thread.ofVirtual().start(() -> {
            try {
                operator.closeAt(taskId, "masked", DEVICES - 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @AfterAll
    void stop() {
        aggregator.close();
        broker.close();
        collector.stop(0);
    }

    private int send(String method, String path, String authorization) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder()
                .header("authorization", authorization)
                .method(method, HttpRequest.BodyPublishers.noBody());
        return wire.once(request, path).statusCode();
    }

    private String metrics() throws Exception {
        HttpResponse<byte[]> reply = operator.send("GET", "/prometheus", new byte[0]);
        assertThat(reply.statusCode()).isEqualTo(200);
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    @Test
    void aRoundIsInTheFigures() throws Exception {
        String metrics = metrics();
        assertThat(metrics)
                .contains("coppice_rounds_ended_total{outcome=\"COMPLETED\",reason=\"NONE\"} 1.0")
                .contains("coppice_round_inputs_total 4.0")
                .contains("coppice_round_dropouts_total{step=\"MASKED\"} 1.0")
                .contains("coppice_round_dropouts_total{step=\"SHARES\"} 0.0")
                .contains("coppice_round_phase_seconds_count{phase=\"MASKING\"} 1")
                .contains("coppice_rounds_open{phase=\"ADVERTISING\"}")
                .contains("coppice_polls_waiting", "coppice_bodies_bytes 0.0", "hikaricp_connections_active")
                .contains("jvm_memory_used_bytes")
                .containsPattern("http_server_requests_seconds_count\\{[^}]*uri=\"/v1/rounds/\\{id\\}/masked\"");
    }

    @Test
    void figuresAreForWhoMayLook() throws Exception {
        assertThat(wire.once(HttpRequest.newBuilder().GET(), "/prometheus").statusCode())
                .isEqualTo(401);
    }

    private String scraperToken() throws IOException {
        return Files.readString(aggregator.home().resolve("scraper").resolve("token"));
    }

    @Test
    void theScrapersTokenOpensTheFiguresAndNothingElse() throws Exception {
        String bearer = "Bearer " + scraperToken();
        assertThat(send("GET", "/prometheus", bearer)).isEqualTo(200);
        for (String path : List.of("/v1/admin/tasks", "/v1/admin/faults", "/v1/admin/audit", "/console")) {
            assertThat(send("GET", path, bearer)).as(path).isEqualTo(403);
        }
        assertThat(send("POST", "/v1/admin/tasks", bearer)).isEqualTo(403);
        assertThat(send("PUT", "/v1/admin/blobs", bearer)).isEqualTo(403);
        HttpRequest.Builder login = HttpRequest.newBuilder()
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + scraperToken()));
        assertThat(wire.once(login, "/console/login").statusCode()).isEqualTo(401);
    }

    /** A panel or an alert about a name that nobody exports is silent for ever. */
    @Test
    void whatDashboardAndAlertsAskForIsExported() throws Exception {
        Set<String> asked = new TreeSet<>();
        JsonNode dashboard = new ObjectMapper()
                .readTree(Path.of("../deploy/grafana/aggregator.json").toFile());
        dashboard.findValues("expr").forEach(expression -> asked.addAll(names(expression.asText())));
        Map<String, List<Map<String, List<Map<String, Object>>>>> alerts =
                new Yaml().load(Files.readString(Path.of("../deploy/prometheus/alerts.yml")));
        alerts.getOrDefault("groups", List.of())
                .forEach(group -> group.getOrDefault("rules", List.of())
                        .forEach(rule -> asked.addAll(names(String.valueOf(rule.get("expr"))))));
        assertThat(asked)
                .contains("coppice_inputs_lag", "coppice_rounds_ended_total")
                .hasSizeGreaterThan(10);
        Set<String> exported = new TreeSet<>();
        for (String line : metrics().lines().toList()) {
            exported.add(line.split("[{ ]", 2)[0]);
        }
        assertThat(exported).containsAll(asked);
    }

    /** Of metrics in an expression: functions have arguments, and Prometheus' own have no underscore. */
    private static Set<String> names(String expression) {
        Set<String> names = new TreeSet<>();
        String bare = expression.replaceAll("\\{[^}]*}|\\b(by|without)\\s*\\([^)]*\\)", " ");
        Matcher name = Pattern.compile("[a-z]+_[a-z_]+(?![a-z_]*\\s*\\()").matcher(bare);
        while (name.find()) {
            names.add(name.group());
        }
        return names;
    }

    /** What clients make up must not become labels. */
    @Test
    void noClientMakesUpLabels() throws Exception {
        long before = metrics().lines().filter(line -> line.contains("uri=")).count();
        for (int i = 0; i < 100; i++) {
            int ignored =
                    wire.once(HttpRequest.newBuilder().GET(), "/made-up-" + i).statusCode();
            ignored += wire.once(HttpRequest.newBuilder().GET(), "/v1/blobs/" + Sha256.hex(new byte[i]))
                    .statusCode();
            ignored += wire.once(
                            HttpRequest.newBuilder().method("M" + i, HttpRequest.BodyPublishers.noBody()), "/v1/keys")
                    .statusCode();
            assertThat(ignored).isPositive();
        }
        String after = metrics();
        assertThat(after).doesNotContain("made-up-");
        assertThat(after.lines().filter(line -> line.contains("uri=")).count() - before)
                .isLessThan(20);
    }

    @Test
    void aRoundIsOneTrace() throws Exception {
        String hash = Sha256.hex(("coppice/trace/" + roundId).getBytes(StandardCharsets.UTF_8));
        byte[] traceId = HexFormat.of().parseHex(hash.substring(0, 32));
        byte[] rootId = HexFormat.of().parseHex(hash.substring(32, 48));
        String sent = "";
        for (int i = 0; i < 100 && !sent.contains("\u0005round"); i++) {
            Thread.sleep(100);
            StringBuilder all = new StringBuilder();
            traces.forEach(body -> all.append(new String(body, StandardCharsets.ISO_8859_1)));
            sent = all.toString();
        }
        assertThat(sent)
                .contains("\u0005round", "ADVERTISING", "SHARING", "MASKING", "ATTESTING", "UNMASKING")
                .contains("coppice-aggregator", roundId);
        String id = new String(traceId, StandardCharsets.ISO_8859_1);
        assertThat(sent.split(Pattern.quote(id), -1)).hasSizeGreaterThanOrEqualTo(7);
        assertThat(sent).contains(new String(rootId, StandardCharsets.ISO_8859_1));
    }

    @Test
    void aLineOfTheLogIsAnObjectWithTheIdsOfRequestAndRound() throws Exception {
        boolean isOfRequest = false;
        ObjectMapper json = new ObjectMapper();
        for (String line : lines()) {
            JsonNode entry = json.readTree(line);
            assertThat(entry.path("formattedMessage").isTextual()).as(line).isTrue();
            JsonNode named = entry.path("mdc");
            isOfRequest |= named.path("round").asText().equals(roundId)
                    && !named.path("request").asText().isEmpty();
        }
        assertThat(isOfRequest).isTrue();
        HttpResponse<byte[]> reply = wire.once(HttpRequest.newBuilder().GET(), "/v1/keys");
        assertThat(reply.headers().firstValue("X-Request-Id")).isPresent();
    }

    /** The JVM's own warnings are none of the logger's. */
    private List<String> lines() throws Exception {
        List<String> lines =
                aggregator.output().lines().filter(line -> line.startsWith("{")).toList();
        assertThat(lines.size()).isGreaterThan(20);
        return lines;
    }

    @Test
    void noSecretIsInAnythingThatIsToldEvenAtDebugLevel() throws Exception {
        StringBuilder told = new StringBuilder(aggregator.output()).append(metrics());
        traces.forEach(body -> told.append(new String(body, StandardCharsets.ISO_8859_1)));
        String all = told.toString();
        assertThat(secrets).hasSizeGreaterThan(15);
        for (String secret : secrets) {
            assertThat(all.contains(secret)).as("a secret was told").isFalse();
        }
        assertThat(all).doesNotContain("wrong000000");
    }
}
