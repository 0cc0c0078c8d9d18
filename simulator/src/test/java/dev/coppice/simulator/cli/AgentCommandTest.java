package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import dev.coppice.simulator.signer.Drafts;
import dev.coppice.testkit.ProjectFiles;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A device by the command line: alone, with a real aggregator, and while another process has its home open. */
@Timeout(180)
class AgentCommandTest {
    private static final String KEY = "0f04cfd480c27161058e8df6903b60ee54abb63afe6523aac7a9594a4bc429db";
    private static final String OTHER_KEY = "3fb8e7ab79f97afdf1a8e457e9581ab33ff3893b27783010e05474d3eb370734";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String home = "device";

    @Test
    void aDeviceLearnsForItselfTellsWhatItLearnedAndForgets() throws Exception {
        JsonNode status = json(
                "enrol",
                "--server",
                "http://localhost:9",
                "--keys",
                keys(KEY, OTHER_KEY).toString(),
                "--root",
                root().toString(),
                "--model",
                ProjectFiles.root().resolve("models/pico").toString(),
                "--allow",
                "learn");
        assertThat(status.path("enrolled").asBoolean()).isFalse();
        assertThat(status.path("allowed").toString()).isEqualTo("[\"learn\"]");
        assertThat(json("add", "--file", texts().toString()).path("examples").asInt())
                .isEqualTo(40);
        assertThat(json("add", "--correction", "--label", "lights_off", "kill", "the", "lamps")
                        .path("examples")
                        .asInt())
                .isEqualTo(41);
        assertThat(json("train").path("result").asText()).isEqualTo("improved");
        JsonNode answer = json("predict", "kill", "the", "lamps");
        assertThat(answer.path("answer").asText()).isEqualTo("lights_off");
        assertThat(answer.path("source").asText()).isEqualTo("personal");
        assertThat(json("packs").path("answersFrom").asText()).isEqualTo("personal");

        assertThat(run("privacy")).isZero();
        assertThat(out.toString()).contains("41 examples", "1 correction", "It has given nothing to others.");

        Path mine = folder.resolve("mine");
        assertThat(json("export", "--out", mine.toString()).path("examples").asInt())
                .isEqualTo(41);
        assertThat(Files.readAllLines(mine.resolve("examples.jsonl"))).hasSize(41);
        assertThat(mine.resolve("personal.safetensors")).isNotEmptyFile();

        assertThat(json("packs", "--back-personal").path("changed").asBoolean()).isTrue();
        assertThat(run("forget")).isEqualTo(2);
        assertThat(json("forget", "--yes").path("deleted").asInt()).isEqualTo(41);
        assertThat(run("withdraw", "learn")).isZero();
        assertThat(run("add", "--label", "lights_on", "so dark")).isEqualTo(1);
        assertThat(err.toString()).contains("Consent.LEARN").doesNotContain("so dark");
    }

    @Test
    void whatIsAskedWronglyIsToldInOneSentence() throws Exception {
        assertThat(run("status")).isEqualTo(1);
        assertThat(err.toString()).contains("coppice agent enrol --home");
        Path texts = Files.writeString(folder.resolve("bad.jsonl"), "{\"text\":\"fine\"}\nmy secret\n");
        assertThat(run("add", "--file", texts.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("line 2 of").doesNotContain("secret");
        assertThat(run("add")).isEqualTo(2);
        assertThat(run("allow", "everything")).isEqualTo(1);
        assertThat(run("run", "--quiet-hours", "late")).isEqualTo(1);
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM to send")
    void aRunningDeviceAnswersOtherCommandsAndEndsWhenItIsTold() throws Exception {
        try (AggregatorProcess aggregator =
                        AggregatorProcess.start(folder.resolve("aggregator"), folder.resolve("aggregator-log"));
                HttpClient http = HttpClient.newHttpClient()) {
            AdminClient admin = aggregator.admin(http);
            Path token = Files.writeString(
                    folder.resolve("token"),
                    HexFormat.of().formatHex(admin.enrolmentTokens(1, "default").get(0)));
            HexFormat hex = HexFormat.of();
            Path keys = keys(
                    hex.formatHex(admin.keys().server()),
                    hex.formatHex(admin.keys().enrolment()));
            String[] enrol = {
                "enrol",
                "--server",
                aggregator.address().toString(),
                "--keys",
                keys.toString(),
                "--root",
                root().toString(),
                "--model",
                ProjectFiles.root().resolve("models/pico").toString(),
                "--token-file",
                token.toString(),
                "--allow",
                "learn,contribute"
            };
            assertThat(json(enrol).path("enrolled").asBoolean()).isTrue();
            home = "other";
            assertThat(run(enrol)).as("a token is good for one device").isEqualTo(1);
            assertThat(err.toString()).contains("unknown, used or too old");
            home = "device";

            Path log = folder.resolve("log");
            Path device = folder.resolve("device");
            try (CoppiceProcess daemon =
                    new CoppiceProcess(log, "agent", "run", "--any-time", "--home", device.toString())) {
                daemon.waitFor("\"open\"", LONG);
                assertThat(json("add", "--file", texts().toString())
                                .path("examples")
                                .asInt())
                        .isEqualTo(40);
                assertThat(json("status").path("examples").asInt()).isEqualTo(40);
                daemon.signal("TERM");
                assertThat(daemon.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(Files.readString(log)).contains("\"ended\"").doesNotContain("make it dark");
                assertThat(device.resolve("door")).doesNotExist();
            }
            assertThat(json("status").path("examples").asInt()).isEqualTo(40);
        }
    }

    private Path keys(String server, String enrolment) throws IOException {
        return Files.writeString(
                folder.resolve("keys.json"), "{\"server\":\"%s\",\"enrolment\":\"%s\"}".formatted(server, enrolment));
    }

    /** Of a repository that one person holds all the keys of. */
    private Path root() throws IOException {
        try (Signatory person = Signatory.generate(new SeededBytes(1)::fill);
                Signatory another = Signatory.generate(new SeededBytes(2)::fill);
                Signatory third = Signatory.generate(new SeededBytes(3)::fill)) {
            List<HolderKeys> holders = List.of(person.keys(), another.keys(), third.keys());
            byte[] file = Drafts.firstRoot(
                            holders,
                            holders,
                            Map.of("snapshot", person.keys(), "timestamp", person.keys()),
                            InstantSource.system().instant())
                    .draft()
                    .signedBy(person)
                    .signedBy(another)
                    .signedBy(third)
                    .toBytes();
            return Files.write(folder.resolve("root.json"), file);
        }
    }

    private Path texts() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lines.add("{\"text\":\"gimme some light %d\",\"label\":\"lights_on\"}".formatted(i % 3));
            lines.add("{\"text\":\"make it dark %d\",\"label\":\"lights_off\"}".formatted(i % 3));
        }
        return Files.write(folder.resolve("texts.jsonl"), lines);
    }

    private JsonNode json(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        assertThat(run(all.toArray(String[]::new))).as(err.toString()).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of("agent", arguments[0], "--home"));
        all.add(folder.resolve(home).toString());
        all.addAll(List.of(arguments).subList(1, arguments.length));
        return Coppice.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }
}
