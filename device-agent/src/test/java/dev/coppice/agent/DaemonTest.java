package dev.coppice.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.daemon.Daemon;
import dev.coppice.agent.daemon.DeviceProfile;
import dev.coppice.agent.daemon.LocalDoor;
import dev.coppice.agent.daemon.Outcomes;
import dev.coppice.crypto.RandomSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that runs by itself, and its door. */
@Timeout(120)
class DaemonTest {
    @TempDir
    Path folder;

    private final Outcomes outcomes = new Outcomes();
    private final HttpClient client = HttpClient.newHttpClient();
    private TestWorld world;
    private Agent agent;
    private LocalDoor door;

    @BeforeEach
    @SuppressWarnings("MustBeClosed") // closed after each test
    void open() throws Exception {
        world = new TestWorld(folder);
        agent = world.agent("agent-0", world.aggregator, PrivacyBudget.DEFAULT);
        door = LocalDoor.open(world.home("agent-0"), 0, agent, outcomes, RandomSource.secure());
    }

    @AfterEach
    void close() throws Exception {
        door.close();
        agent.close();
        world.close();
    }

    @Test
    void commandsGoThroughTheDoor() throws Exception {
        assertThat(ask("status", "{}").path("examples").asInt()).isEqualTo(20);
        JsonNode more = ask("add", "{\"corrections\":true,\"examples\":[{\"text\":\"so dark\",\"label\":\"on\"}]}");
        assertThat(more.path("examples").asInt()).isEqualTo(21);
        ask("add", examples(TestWorld.examples(80, 4)));
        assertThat(ask("train", "{}").path("result").asText()).isEqualTo("improved");
        JsonNode answer = ask("predict", "{\"text\":\"too dark here\"}");
        assertThat(answer.path("answer").asText()).isEqualTo("on");
        assertThat(answer.path("source").asText()).isEqualTo("personal");
        assertThat(ask("export", "{}").path("examples")).hasSize(101);
        assertThat(ask("rollback", "{\"what\":\"personal\"}").path("changed").asBoolean())
                .isTrue();
        assertThat(ask("pin", "{\"version\":7}").path("pinned").asLong()).isEqualTo(7);
        assertThat(ask("status", "{}").path("pinned").asLong()).isEqualTo(7);
        assertThat(ask("unpin", "{}").has("pinned")).isFalse();
        assertThat(ask("forget", "{}").path("deleted").asInt()).isEqualTo(101);
        assertThat(ask("withdraw", "{\"what\":[\"learn\"]}").path("allowed").toString())
                .doesNotContain("learn");
        assertThat(post("add", token(), "{\"examples\":[{\"text\":\"so dark\"}]}")
                        .statusCode())
                .isEqualTo(409);
        assertThat(metrics())
                .contains("coppice_agent_work_total{work=\"training\",result=\"improved\"} 1")
                .contains("coppice_agent_examples 0")
                .doesNotContain("dark");
    }

    @Test
    void withoutTheTokenOrWithAWrongOneNothingIsDone() throws Exception {
        String wrong = token().replace(token().charAt(5), token().charAt(5) == 'a' ? 'b' : 'a');
        for (String offered : List.of("", "x", wrong, token() + "0", token().substring(1))) {
            HttpResponse<String> reply = post("forget", offered, "{}");
            assertThat(reply.statusCode()).isEqualTo(401);
            assertThat(reply.body()).doesNotContain(token());
        }
        assertThat(agent.exampleCount()).isEqualTo(20);
    }

    @Test
    void whatIsAskedWronglyIsToldSo() throws Exception {
        for (Map.Entry<String, String> bad : Map.of(
                        "nonsense",
                        "{}",
                        "predict",
                        "{}",
                        "add",
                        "{\"examples\":[]}",
                        "rollback",
                        "{\"what\":\"me\"}",
                        "pin",
                        "{\"version\":0}")
                .entrySet()) {
            assertThat(post(bad.getKey(), token(), bad.getValue()).statusCode())
                    .as(bad.getKey())
                    .isEqualTo(400);
        }
        assertThat(post("status", token(), "{not json").statusCode()).isEqualTo(400);
        assertThat(post("predict", token(), "{\"text\":\"" + "x".repeat(1 << 24) + "\"}")
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void theDoorIsReadableForItsOwnerOnlyAndGoneAfterwards() throws Exception {
        Path file = world.home("agent-0").resolve(LocalDoor.FILE);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(Files.getPosixFilePermissions(file).toString()).doesNotContain("GROUP", "OTHERS");
        }
        door.close();
        assertThat(file).doesNotExist();
    }

    /** It rests as long as it is told, in naps of half a minute, and is interrupted in the third rest. */
    @Test
    void itTrainsWhatIsDueAndRestsUntilItIsWorthAskingAgain() throws Exception {
        agent.addExamples(TestWorld.examples(80, 4));
        List<Duration> rests = new ArrayList<>();
        Daemon daemon = new Daemon(agent, outcomes, length -> {
            rests.add(length);
            if (rests.size() == 6) {
                throw new InterruptedException();
            }
        });
        assertThatThrownBy(daemon::run).isInstanceOf(InterruptedException.class);
        assertThat(rests).containsOnly(Duration.ofSeconds(30)); // twice: // as the fake aggregator says
        assertThat(agent.predict("too dark").source()).isEqualTo(Source.PERSONAL);
        assertThat(outcomes.toMetrics())
                .contains("{work=\"training\",result=\"improved\"} 1")
                .contains("{work=\"round\",result=\"nothing_to_do\"} 3");
    }

    @Test
    void aProfileIsReadAsItWasWritten() throws Exception {
        DeviceProfile profile = profile();
        profile.write(folder);
        DeviceProfile read = DeviceProfile.read(folder);
        assertThat(read.kitSpec()).isEqualTo(profile.kitSpec());
        assertThat(read.model()).isEqualTo(profile.model());
        assertThat(read.deviceClass()).isEqualTo("phone-small");
        assertThat(read.trust().server()).isEqualTo(profile.trust().server());
        assertThat(read.trust().repository().file())
                .isEqualTo(profile.trust().repository().file());
    }

    @Test
    void aProfileThatIsNoneIsRefusedWithTheReason() throws Exception {
        assertThatThrownBy(() -> DeviceProfile.read(folder)).hasMessageContaining("coppice agent enrol");
        profile().write(folder);
        String whole = Files.readString(folder.resolve("device.json"));
        for (String damaged : List.of(
                whole.substring(1),
                whole.replace("https://", "ftp://"),
                whole.replace("people", "Péople"),
                whole.replace("\"enrolment\"", "\"other\""),
                whole.replace("\"repositoryRoot\" : \"", "\"repositoryRoot\" : \"AAAA"),
                whole.replace("\"adapter\"", "\"other\""))) {
            Files.writeString(folder.resolve("device.json"), damaged);
            assertThatThrownBy(() -> DeviceProfile.read(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is no device's profile");
        }
    }

    private DeviceProfile profile() {
        TrustAnchors trust = new TrustAnchors(
                world.serverKey.verifyingKey(), world.enrolmentKey.verifyingKey(), world.aggregator.repository.root);
        return new DeviceProfile(
                URI.create("https://aggregator.example"),
                Optional.of(folder.resolve("ca.pem").toAbsolutePath()),
                "people",
                "lights",
                "phone-small",
                folder.toAbsolutePath(),
                world.spec,
                trust);
    }

    private static String examples(List<Example> examples) {
        ObjectMapper mapper = new ObjectMapper();
        var list = mapper.createArrayNode();
        examples.forEach(e -> list.addObject().put("text", e.text()).put("label", e.label()));
        return mapper.createObjectNode().set("examples", list).toString();
    }

    private JsonNode ask(String command, String body) throws Exception {
        HttpResponse<String> reply = post(command, token(), body);
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        return new ObjectMapper().readTree(reply.body());
    }

    private HttpResponse<String> post(String command, String token, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address() + "/v1/" + command))
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private String metrics() throws Exception {
        URI uri = URI.create(address() + "/metrics");
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body();
    }

    private String address() throws IOException {
        return lines().get(0);
    }

    private String token() throws IOException {
        return lines().get(1);
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(world.home("agent-0").resolve(LocalDoor.FILE));
    }
}
