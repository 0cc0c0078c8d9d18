package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.agent.upload.PrivateAuthority;
import dev.coppice.simulator.operator.AggregatorProcess;
import dev.coppice.testkit.ServerIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Operators' commands against a real aggregator, whose certificate only its own authority vouches for. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AggregatorProcess aggregator;
    private Path authority;
    private Path definition;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        ServerIdentity identity = ServerIdentity.make(folder, "aggregator", "EC");
        authority = folder.resolve("certificate.pem");
        identity.writeCertificate(authority);
        Path key = folder.resolve("key.pem");
        identity.writeKey(key);
        aggregator = AggregatorProcess.start(
                folder.resolve("aggregator"),
                folder.resolve("log"),
                List.of("--tls-certificate", authority.toString(), "--tls-key", key.toString()));
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(4))));
        String initial;
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(PrivateAuthority.trust(authority))
                .build()) {
            initial = aggregator.admin(client).putBlob(Safetensors.write(AdapterWeights.of(layout, new float[4])));
        }
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, LoraSpec.none(), List.of("yes", "no"), 4, 16);
        definition = Files.writeString(folder.resolve("task.json"), """
                {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": %2$s, "kitSha256": "%1$s",
                 "initialAdapterSha256": "%3$s", "rounds": 6, "localSteps": 1, "learningRate": 0.1, "examplesMin": 8,
                 "clipNorm": 1.0, "epsilon": 8, "delta": 1e-8,
                 "cohort": {"min": 50, "max": 60, "dropoutBound": 0.1, "corruptionBound": 0.05},
                 "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
                 "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
                """.formatted(
                        "ab".repeat(32), new String(kit.toJson(), StandardCharsets.UTF_8), initial));
    }

    @AfterAll
    void stop() {
        aggregator.close();
    }

    private int run(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of("admin"));
        all.addAll(List.of(words));
        if (!all.contains("--help")) {
            all.addAll(List.of("--ca", authority.toString()));
            all.addAll(where());
        }
        return execute(all);
    }

    private List<String> where() {
        return List.of(
                "--aggregator",
                aggregator.address().toString(),
                "--token-file",
                aggregator.tokenFile().toString());
    }

    private int execute(List<String> all) {
        return Coppice.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(new String[0]));
    }

    private JsonNode json(String... words) throws IOException {
        assertThat(run(Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new)))
                .as("%s", err)
                .isZero();
        return JSON.readTree(out.toString());
    }

    @Test
    void aTaskIsLookedAfterFromItsDefinitionToItsEnd() throws Exception {
        assertThat(json("tasks", "validate", definition.toString())
                        .path("epsilon")
                        .asDouble())
                .isBetween(7.0, 8.0);
        String id =
                json("tasks", "create", definition.toString()).path("taskId").asText();
        assertThat(run("tasks", "list")).isZero();
        assertThat(out.toString()).contains("taskId", id, "OPEN");
        assertThat(json("tasks", "pause", id).path("state").asText()).isEqualTo("PAUSED");
        assertThat(json("tasks", "resume", id).path("state").asText()).isEqualTo("OPEN");
        Path changes = Files.writeString(definition.resolveSibling("changes.json"), "{\"rounds\": 3}");
        String clone = json("tasks", "clone", id, "--changes", changes.toString())
                .path("taskId")
                .asText();
        assertThat(json("tasks", "show", clone).path("roundsPlanned").asInt()).isEqualTo(3);
        String round =
                json("rounds", "list", id).path("items").path(0).path("id").asText();
        assertThat(run("rounds", "close", round)).as("%s", err).isZero();
        assertThat(json("tasks", "cancel", id).path("state").asText()).isEqualTo("CANCELLED");
        assertThat(run("tasks", "resume", id)).isEqualTo(1);
        assertThat(err.toString()).contains("422", "cancelled").doesNotContain("\tat ");
    }

    @Test
    void fleetAuditAndTokensAreTold() throws Exception {
        assertThat(json("tokens", "--count", "2", "--population", "home").path("tokens"))
                .hasSize(2);
        assertThat(json("fleet").path("active")).isEmpty();
        JsonNode audit = json("audit", "--limit", "1");
        assertThat(audit.path("items")).hasSize(1);
        assertThat(json("audit", "--limit", "1", "--cursor", audit.path("next").asText())
                        .path("items")
                        .path(0)
                        .path("position")
                        .asInt())
                .isEqualTo(1);
        assertThat(run("ledger", "d-none")).isEqualTo(1);
        assertThat(err.toString()).contains("No such device");
        assertThat(run("packs", "halt", "none")).isEqualTo(1);
    }

    @Test
    void anAggregatorThatNobodyVouchesForIsShownNoToken() {
        err.getBuffer().setLength(0);
        List<String> fleet = new ArrayList<>(List.of("admin", "fleet"));
        fleet.addAll(where());
        assertThat(execute(fleet)).isEqualTo(1);
        assertThat(err.toString()).contains("--ca").doesNotContain("\tat ");
    }

    @Test
    void whatMakesNoSenseIsAskedAgain() {
        assertThat(run("tasks", "show", "../../health")).isEqualTo(2);
        assertThat(run("packs", "rollback", "s", "--from", "1", "--to", "2")).isEqualTo(2);
        assertThat(run("packs", "halt", "s", "--class", "\"")).isEqualTo(2);
        assertThat(run("tasks", "create", "nowhere.json")).isEqualTo(1);
        assertThat(run("tasks")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(Coppice.commandLine()
                        .setErr(new PrintWriter(err, true))
                        .execute("admin", "fleet", "--token-file", "nowhere"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--token-file says where it is");
    }

    @Test
    void eachCommandShowsExamplesInItsHelp() {
        CommandLine admin = Coppice.commandLine().getSubcommands().get("admin");
        List<CommandLine> all = new ArrayList<>(List.of(admin));
        for (int i = 0; i < all.size(); i++) {
            all.addAll(all.get(i).getSubcommands().values());
        }
        assertThat(all).hasSizeGreaterThan(15);
        for (CommandLine command : all) {
            String name = command.getCommandSpec().qualifiedName();
            assertThat(command.getUsageMessage()).as(name).contains("Examples:", "  " + name);
        }
    }
}
