package dev.coppice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.pack.PrivacyFacts;
import dev.coppice.adapters.pack.Provenance;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Agent;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Participation;
import dev.coppice.agent.PrivacyBudget;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.RepositoryFiles;
import dev.coppice.agent.upload.Transport;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryClient;
import dev.coppice.simulator.operator.TaskStatus;
import dev.coppice.simulator.population.Person;
import dev.coppice.simulator.signer.MemoryTrust;
import dev.coppice.simulator.signer.PackBuilder;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pack that devices go back from is halted by what they tell in a round of metrics, with noise: real agents, and the
 * aggregator and the signer in processes of their own.
 */
@Timeout(600)
class GuardRoundTest {
    private static final int DEVICES = 8;
    private static final int TABLETS = 2;
    private static final int DEVICES_MIN = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final List<Agent> agents = new ArrayList<>();

    @Test
    void devicesThatGoBackFromAPackHaltItForAllByARoundOfMetrics() throws Exception {
        DemoSettings settings = new DemoSettings(
                DEVICES,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                DemoSettings.MERGE_RULE,
                OptionalLong.of(5),
                folder);
        OutFolder out = OutFolder.prepare(folder);
        try (Material material = Material.gather(settings, 5, out.kit());
                HttpClient client = HttpClient.newHttpClient();
                Services services = Services.start(settings, material, out, client)) {
            Transport transport = new HttpTransport(
                    new BoundedHttp(client), services.aggregator().address(), Duration.ofMinutes(1));
            try {
                enrol(material, services, transport, out);
                assertThat(takePart()).hasOnlyElementsOfType(Participation.TookPart.class);
                services.awaitRelease(Duration.ofMinutes(2));
                evaluate(material, services, transport);
                rollOut(material, services);
            } finally {
                for (Agent agent : agents) {
                    agent.close();
                }
            }
        }
    }

    /** The figures of a candidate, before anybody installs it, become part of the pack that is made of it. */
    private void evaluate(Material material, Services services, Transport transport) throws Exception {
        TaskStatus trained = services.admin().status(services.taskId());
        ObjectNode task = metrics(material, 0);
        task.put("initialAdapterSha256", trained.candidateSha256());
        String evaluation = play(services, task);

        RepositoryClient repository = new RepositoryClient(
                RepositoryFiles.repository(new Wire(transport, Pause.real())),
                new MemoryTrust(),
                services.trust().repository());
        PackBuilder builder = new PackBuilder(
                services.admin(), repository, services.trust().server(), material.kit(), InstantSource.system());
        ReleasedPack pack = builder.whenDone(new PackBuilder.Order(
                services.taskId(), Optional.of(evaluation), Fleets.SKILL, 2, PrivacyFacts.none(2)));

        JsonNode skill = JSON.readTree(
                services.admin().blob(pack.file(PackContents.SKILL).sha256()));
        assertThat(skill.path("cohortSizes").path(0).asInt()).isEqualTo(DEVICES);
        JsonNode accuracy = skill.path("evaluation");
        assertThat(accuracy)
                .as("two tablets are too few for a cell of their own")
                .hasSize(1);
        assertThat(accuracy.at("/0/deviceClass").asText()).isEqualTo("*");
        assertThat(accuracy.at("/0/devices").asDouble()).isBetween(DEVICES - 4.0, DEVICES + 4.0);
        assertThat(accuracy.at("/0/low95").asDouble())
                .isLessThanOrEqualTo(accuracy.at("/0/accuracy").asDouble());
        assertThat(accuracy.at("/0/high95").asDouble())
                .isGreaterThanOrEqualTo(accuracy.at("/0/accuracy").asDouble());
        Provenance provenance = Provenance.verified(
                services.admin().blob(pack.file(Provenance.FILE).sha256()),
                services.trust().server());
        assertThat(provenance.rounds()).hasSize(1);
        assertThat(provenance.evaluations()).hasSize(1);
        assertThat(provenance.evaluations().getFirst().inSum()).isEqualTo(DEVICES);
    }

    private void rollOut(Material material, Services services) throws Exception {
        for (String deviceClass : List.of("*", "tablet")) {
            services.admin()
                    .post(
                            "/v1/admin/rollouts/" + Fleets.SKILL,
                            JSON.createObjectNode()
                                    .put("deviceClass", deviceClass)
                                    .put("version", 1)
                                    .put("otherwise", 0)
                                    .put("soakSeconds", 0)
                                    .put("devicesMin", DEVICES_MIN)
                                    .put("rolledBackMax", 0.5)
                                    .put("crashedMax", 0.5)
                                    .put("accuracyLossMax", 1)
                                    .set("stepsPermille", JSON.createArrayNode().add(1000)));
        }
        for (Agent agent : agents) {
            assertThat(agent.update()).isInstanceOf(Installation.Installed.class);
        }
        JsonNode calm = figures(services, play(services, metrics(material, 1)));
        assertThat(calm.path("cells")).hasSize(1);
        assertThat(calm.at("/cells/0/tried").asDouble()).isBetween(DEVICES - 4.0, DEVICES + 4.0);
        assertThat(calm.path("merged").toString()).isEqualTo("[\"tablet\"]");
        assertThat(calm.path("noise").asDouble()).isPositive();
        for (Agent agent : agents) {
            assertThat(agent.update()).as("nobody is sent back").isEqualTo(new Installation.UpToDate(1));
        }

        for (Agent agent : agents.subList(0, DEVICES - 1)) {
            assertThat(agent.rollBack()).isTrue();
        }
        JsonNode alarming = figures(services, play(services, metrics(material, 1)));
        assertThat(alarming.at("/cells/0/wentBack").asDouble()).isBetween(DEVICES - 4.0, DEVICES + 3.0);
        assertThat(agents.getLast().update())
                .as("the one that had nothing against it is sent back as well")
                .isEqualTo(new Installation.Returned(1, 0));
        assertThat(agents.getFirst().privacySpent().together().ever().participations())
                .as("training, evaluation, and two rounds of guard figures")
                .isEqualTo(4);
    }

    private static JsonNode figures(Services services, String taskId) throws Exception {
        TaskStatus.Round round = services.admin().status(taskId).rounds().getFirst();
        return JSON.readTree(services.admin().blob(round.candidateSha256()));
    }

    /** Epsilon of one round; the noise is then less than one device. */
    private static ObjectNode metrics(Material material, long packVersion) throws Exception {
        ObjectNode task = JSON.createObjectNode()
                .put("skill", Fleets.SKILL)
                .put("population", Fleets.POPULATION)
                .put("baseModelSha256", material.model().sha256())
                .put("kitSha256", material.kit().sha256())
                .put("rounds", 1)
                .put("epsilon", 60)
                .put("delta", 1e-8);
        task.set("kitSpec", JSON.readTree(material.kit().spec().toJson()));
        task.putObject("metrics")
                .put("packVersion", packVersion)
                .put("devicesMin", DEVICES_MIN)
                .putArray("deviceClasses")
                .add("tablet");
        task.putObject("cohort")
                .put("min", DEVICES)
                .put("max", DEVICES)
                .put("dropoutBound", 0)
                .put("corruptionBound", 0.05);
        task.putObject("phaseSeconds")
                .put("advertise", 300)
                .put("shares", 300)
                .put("masked", 300)
                .put("unmask", 300);
        return task;
    }

    /** Has all devices take part in the one round of a task. */
    private String play(Services services, ObjectNode task) throws Exception {
        String id =
                services.admin().post("/v1/admin/tasks", task).path("taskId").asText();
        assertThat(takePart()).hasOnlyElementsOfType(Participation.TookPart.class);
        for (int look = 0; look < 300 && !services.admin().status(id).done(); look++) {
            Thread.sleep(100);
        }
        assertThat(services.admin().status(id).rounds().getFirst().completed()).isTrue();
        return id;
    }

    private List<Participation> takePart() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Participation>> running = new ArrayList<>();
            for (Agent agent : agents) {
                running.add(threads.submit(agent::takePart));
            }
            List<Participation> results = new ArrayList<>();
            for (Future<Participation> result : running) {
                results.add(result.get(3, TimeUnit.MINUTES));
            }
            return results;
        }
    }

    @SuppressWarnings("MustBeClosed") // closed by the test
    private void enrol(Material material, Services services, Transport transport, OutFolder out) throws Exception {
        List<byte[]> tokens = services.admin().enrolmentTokens(DEVICES, Fleets.POPULATION);
        for (int i = 0; i < DEVICES; i++) {
            Agent agent = Agent.open(AgentConfig.builder(out.device(i))
                    .baseModel(material.model())
                    .kitSpec(material.kit().spec())
                    .kits(material.kits())
                    .engines(material.engines())
                    .trust(services.trust())
                    .population(Fleets.POPULATION)
                    .skill(Fleets.SKILL)
                    .deviceClass(i < TABLETS ? "tablet" : "phone")
                    .transport(transport)
                    .budget(PrivacyBudget.insecureUnlimited())
                    .policy(WorkPolicy.ANY_TIME)
                    .build());
            agents.add(agent);
            agent.allow(Consent.LEARN);
            agent.allow(Consent.CONTRIBUTE);
            agent.enrol(tokens.get(i));
            Person person = material.population().people().get(i);
            List<Example> texts = new ArrayList<>(person.train());
            texts.addAll(person.validation());
            agent.addExamples(texts);
        }
    }
}
