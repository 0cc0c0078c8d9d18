package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.Agent;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.daemon.Commands;
import dev.coppice.agent.daemon.DeviceProfile;
import dev.coppice.agent.daemon.LocalDoor;
import dev.coppice.agent.daemon.Outcomes;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.store.HomeInUseException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The home of the device that a command is about, and how its key is kept. */
final class AgentHome {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = "coppice-device",
            description = "the device's home folder (default: ${DEFAULT-VALUE})")
    private Path home = Path.of("coppice-device");

    @Mixin
    private VaultOptions vault = new VaultOptions();

    /** What a piece of work is done with. */
    @FunctionalInterface
    interface Use<T> {
        T with(Agent agent) throws IOException, InterruptedException, EngineException;
    }

    Path folder() {
        return home;
    }

    /** Opens the agent of the home, which must have been set up, and closes it afterwards. */
    <T> T open(WorkPolicy policy, Use<T> use) throws IOException, InterruptedException, EngineException {
        return open(builder -> builder.policy(policy), use);
    }

    /** The same with more settings. */
    <T> T open(java.util.function.UnaryOperator<AgentConfig.Builder> settings, Use<T> use)
            throws IOException, InterruptedException, EngineException {
        DeviceProfile profile = DeviceProfile.read(home);
        try (BaseModel model = BaseModel.open(profile.model());
                Agent agent =
                        Agent.open(settings.apply(profile.config(home, model).keys(vault.vault()))
                                .build())) {
            return use.with(agent);
        } catch (ModelRefusedException | KitRefusedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Asks the agent of the home: by itself, or through its door where another process has it open. */
    JsonNode ask(String command, ObjectNode asked) throws IOException, InterruptedException, EngineException {
        try {
            return open(WorkPolicy.ANY_TIME, agent -> new Commands(agent, new Outcomes()).answer(command, asked));
        } catch (HomeInUseException e) {
            return knock(command, asked, e);
        }
    }

    private JsonNode knock(String command, ObjectNode asked, HomeInUseException inUse)
            throws IOException, InterruptedException {
        List<String> door;
        try {
            door = Files.readAllLines(home.resolve(LocalDoor.FILE));
        } catch (NoSuchFileException e) {
            throw inUse; // by an app, or a command that is not done yet
        }
        if (door.size() < 2) {
            throw inUse;
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(door.get(0) + "/v1/" + command))
                .header("Authorization", "Bearer " + door.get(1))
                .timeout(Duration.ofHours(1))
                .POST(BodyPublishers.ofString(asked.toString()))
                .build();
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            HttpResponse<String> reply = client.send(request, BodyHandlers.ofString());
            JsonNode answer = new ObjectMapper().readTree(reply.body());
            if (reply.statusCode() == 200) {
                return answer;
            }
            String why = answer.path("error").asText("the running agent answered " + reply.statusCode());
            if (reply.statusCode() == 400) {
                throw new IllegalArgumentException(why);
            }
            throw new IOException(why);
        }
    }
}
