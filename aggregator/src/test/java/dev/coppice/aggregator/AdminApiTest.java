package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The admin API over real HTTP: its description, its pages, its problems, and requests that are sent again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AggregatorProcess aggregator;
    private Operator operator;
    private Wire wire;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        aggregator = new AggregatorProcess(folder);
        operator = aggregator.operator();
        wire = new Wire(List.of(aggregator.uri()));
    }

    @AfterAll
    void stop() {
        aggregator.close();
    }

    private HttpResponse<byte[]> send(String method, String path, String body, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder()
                .header("authorization", "Bearer " + aggregator.token())
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        return wire.once(headers.length == 0 ? request : request.headers(headers), path);
    }

    private JsonNode json(String method, String path, String body, String... headers) throws IOException {
        HttpResponse<byte[]> reply = send(method, path, body, headers);
        assertThat(reply.statusCode())
                .as(new String(reply.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return JSON.readTree(reply.body());
    }

    /** Run with {@code -Dopenapi.write=true} to check in another one. */
    @Test
    void theDescriptionThatIsServedIsTheOneThatIsCheckedIn() throws Exception {
        byte[] served = wire.get("/v1/openapi.yml");
        Path checkedIn = Path.of("openapi.yml");
        if (Boolean.getBoolean("openapi.write")) {
            Files.write(checkedIn, served);
        }
        assertThat(new String(served, StandardCharsets.UTF_8))
                .as("make it anew by this test with -Dopenapi.write=true")
                .isEqualTo(Files.readString(checkedIn));
        assertThat(new String(served, StandardCharsets.UTF_8))
                .contains(
                        "/v1/admin/tasks/{id}/clone:",
                        "/v1/admin/fleet:",
                        "/v1/admin/enrolment-tokens:",
                        "TaskDefinition:")
                .doesNotContain("/v1/checkin", "/console", "/v1/rounds/");
    }

    @Test
    void tasksAreShownPageByPageNewestFirst() throws Exception {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.addFirst(operator.create(operator.task(3, 5, 2, 60).put("population", "paged")));
        }
        List<String> seen = new ArrayList<>();
        JsonNode page = json("GET", "/v1/admin/tasks?limit=2", "");
        operator.create(operator.task(3, 5, 2, 60).put("population", "later"));
        while (true) {
            page.path("items").forEach(task -> seen.add(task.path("taskId").asText()));
            if (!page.hasNonNull("next") || seen.size() >= 5) {
                break;
            }
            page = json(
                    "GET", "/v1/admin/tasks?limit=2&cursor=" + page.path("next").asText(), "");
        }
        assertThat(seen.subList(0, 5)).isEqualTo(made);
        assertThat(json("GET", "/v1/admin/tasks?limit=500", "").hasNonNull("next"))
                .isFalse();
        assertProblem(400, "limit is 1 to 500", send("GET", "/v1/admin/tasks?limit=0", ""));
        assertProblem(400, "limit is 1 to 500", send("GET", "/v1/admin/tasks?limit=501", ""));
    }

    @Test
    void aTaskIsValidatedPausedResumedClonedAndCancelled() throws Exception {
        String definition = operator.task(3, 5, 2, 60).put("population", "kept").toString();
        assertThat(json("POST", "/v1/admin/tasks/validate", definition)
                        .path("kind")
                        .asText())
                .isEqualTo("training");
        String id = json("POST", "/v1/admin/tasks", definition).path("taskId").asText();
        assertThat(json("POST", "/v1/admin/tasks/" + id + "/pause", "")
                        .path("state")
                        .asText())
                .isEqualTo("PAUSED");
        assertThat(json("POST", "/v1/admin/tasks/" + id + "/resume", "")
                        .path("state")
                        .asText())
                .isEqualTo("OPEN");
        String clone = json("POST", "/v1/admin/tasks/" + id + "/clone", "{\"rounds\": 7}")
                .path("taskId")
                .asText();
        assertThat(json("GET", "/v1/admin/tasks/" + clone, "")
                        .path("roundsPlanned")
                        .asInt())
                .isEqualTo(7);
        assertThat(json("GET", "/v1/admin/tasks/" + clone + "/rounds", "").path("items"))
                .hasSize(1);
        assertThat(json("POST", "/v1/admin/tasks/" + id + "/cancel", "")
                        .path("state")
                        .asText())
                .isEqualTo("CANCELLED");
        assertProblem(422, "cancelled", send("POST", "/v1/admin/tasks/" + id + "/resume", ""));
        assertProblem(404, "No such task", send("POST", "/v1/admin/tasks/t-none/pause", ""));
        assertProblem(404, "No such task", send("POST", "/v1/admin/tasks/t-none/clone", "{}"));
        assertProblem(
                422,
                "mergeRule",
                send(
                        "POST",
                        "/v1/admin/tasks",
                        operator.task(3, 5, 2, 60).put("mergeRule", "flora").toString()));
    }

    /** The same key and request give the same answer, tokens and all, and one task; another request gets none. */
    @Test
    void aRequestThatIsSentAgainIsDoneOnce() throws Exception {
        String body = "{\"count\": 2, \"population\": \"again\"}";
        HttpResponse<byte[]> first = send("POST", "/v1/admin/enrolment-tokens", body, "Idempotency-Key", "one");
        HttpResponse<byte[]> second = send("POST", "/v1/admin/enrolment-tokens", body, "Idempotency-Key", "one");
        assertThat(first.headers().firstValue("Idempotency-Replayed")).isEmpty();
        assertThat(second.headers().firstValue("Idempotency-Replayed")).hasValue("true");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.headers().firstValue("content-type"))
                .isEqualTo(first.headers().firstValue("content-type"));
        HttpResponse<byte[]> other = send("POST", "/v1/admin/enrolment-tokens", body, "Idempotency-Key", "two");
        assertThat(other.body()).isNotEqualTo(first.body());
        assertProblem(
                422,
                "another request",
                send("POST", "/v1/admin/enrolment-tokens", body.replace("2", "3"), "Idempotency-Key", "one"));
        assertProblem(422, "another request", send("POST", "/v1/admin/tasks", body, "Idempotency-Key", "one"));
        String task = operator.task(3, 5, 2, 60).put("population", "again").toString();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            ids.add(json("POST", "/v1/admin/tasks", task, "Idempotency-Key", "three")
                    .path("taskId")
                    .asText());
        }
        assertThat(ids).hasSize(1);
        HttpResponse<byte[]> refused = send("POST", "/v1/admin/tasks", "{}", "Idempotency-Key", "four");
        HttpResponse<byte[]> again = send("POST", "/v1/admin/tasks", "{}", "Idempotency-Key", "four");
        assertThat(again.body()).as("a refusal is an answer").isEqualTo(refused.body());
        assertThat(again.statusCode()).isEqualTo(422);
        assertProblem(
                400, "Idempotency-Key has", send("POST", "/v1/admin/tasks", task, "Idempotency-Key", "k".repeat(201)));
    }

    @Test
    void theFleetIsCountedByWhatDevicesSay() throws Exception {
        Device device = operator.devices(1).getFirst();
        wire.insist("/v1/checkin", device.checkIn(System.currentTimeMillis()));
        JsonNode fleet = json("GET", "/v1/admin/fleet", "");
        assertThat(fleet.path("enrolled").path(Operator.POPULATION).asInt()).isEqualTo(1);
        assertThat(fleet.path("active").path(0).path("agentVersion").asText()).isEqualTo("unknown");
        assertThat(fleet.path("active").path(0).path("devices").asInt()).isEqualTo(1);
    }

    @Test
    void theAuditLogIsShownPageByPageOldestFirst() throws Exception {
        send("POST", "/v1/admin/tasks", "{}");
        JsonNode first = json("GET", "/v1/admin/audit?limit=1", "");
        JsonNode second = json(
                "GET", "/v1/admin/audit?limit=1&cursor=" + first.path("next").asText(), "");
        assertThat(first.path("items").path(0).path("position").asLong()).isZero();
        assertThat(second.path("items").path(0).path("position").asLong()).isEqualTo(1);
        assertThat(first.path("firstChanged").isNull()).isTrue();
    }

    @Test
    void whatIsNotThereIsAProblemToo() throws Exception {
        assertProblem(404, "", send("GET", "/v1/admin/nothing", ""));
        assertProblem(405, "", send("DELETE", "/v1/admin/tasks", ""));
        assertProblem(400, "", send("GET", "/v1/admin/tasks?limit=many", ""));
    }

    private static void assertProblem(int status, String detail, HttpResponse<byte[]> reply) throws IOException {
        String text = new String(reply.body(), StandardCharsets.UTF_8);
        assertThat(reply.statusCode()).as(text).isEqualTo(status);
        assertThat(reply.headers().firstValue("content-type").orElse(""))
                .as(text)
                .startsWith("application/problem+json");
        JsonNode problem = JSON.readTree(reply.body());
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("title").asText()).isNotEmpty();
        assertThat(problem.path("detail").asText()).contains(detail);
    }
}
