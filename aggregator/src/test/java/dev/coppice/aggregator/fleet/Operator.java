package dev.coppice.aggregator.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.HolderKeys;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Speaks the admin API, and defines tasks whose updates are unit vectors. */
public final class Operator {
    public static final String POPULATION = "test-home";
    public static final String BASE_MODEL = Sha256.hex("a base model".getBytes(StandardCharsets.UTF_8));
    public static final int DIMENSION = 48;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Wire wire;
    private final String token;

    public Operator(Wire wire, String token) {
        this.wire = wire;
        this.token = token;
    }

    /** What devices pin. */
    public record Keys(VerifyingKey server, VerifyingKey enrolment) {}

    public Keys keys() throws IOException {
        JsonNode keys = JSON.readTree(wire.get("/v1/keys"));
        try {
            return new Keys(
                    VerifyingKey.of(HexFormat.of().parseHex(keys.path("server").asText())),
                    VerifyingKey.of(
                            HexFormat.of().parseHex(keys.path("enrolment").asText())));
        } catch (InvalidKeyException e) {
            throw new IOException("not keys", e);
        }
    }

    /** The keys of the repository's online roles. */
    public Map<String, HolderKeys> repositoryKeys() throws Exception {
        Map<String, HolderKeys> keys = new TreeMap<>();
        JsonNode reply = JSON.readTree(wire.get("/v1/keys"));
        for (Map.Entry<String, JsonNode> role : reply.path("repository").properties()) {
            keys.put(role.getKey(), HolderKeys.parse(JSON.writeValueAsBytes(role.getValue())));
        }
        return keys;
    }

    public List<Device> devices(int count) throws IOException {
        byte[] body = JSON.writeValueAsBytes(
                JSON.createObjectNode().put("count", count).put("population", POPULATION));
        JsonNode tokens = JSON.readTree(ok(send("POST", "/v1/admin/enrolment-tokens", body)));
        Keys keys = keys();
        List<Device> devices = new ArrayList<>();
        for (JsonNode hex : tokens.path("tokens")) {
            devices.add(new Device(wire, devices.size(), HexFormat.of().parseHex(hex.asText()), keys));
        }
        return devices;
    }

    /** A task from zero weights, without noise, for a cohort of up to {@code max}; its id. */
    public String createTask(int min, int max, int rounds, int phaseSeconds) throws IOException {
        return create(task(min, max, rounds, phaseSeconds));
    }

    /** The id of a task that is created. */
    public String create(ObjectNode task) throws IOException {
        return JSON.readTree(ok(send("POST", "/v1/admin/tasks", JSON.writeValueAsBytes(task))))
                .path("taskId")
                .asText();
    }

    /** A task's definition. */
    public ObjectNode task(int min, int max, int rounds, int phaseSeconds) throws IOException {
        return task(min, max, rounds, phaseSeconds, DIMENSION);
    }

    /** With an adapter of so many values, one for each device. */
    public ObjectNode task(int min, int max, int rounds, int phaseSeconds, int dimension) throws IOException {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(dimension))));
        byte[] zeros = Safetensors.write(AdapterWeights.of(layout, new float[dimension]));
        String initial = JSON.readTree(ok(send("PUT", "/v1/admin/blobs", zeros)))
                .path("sha256")
                .asText();
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, LoraSpec.none(), List.of("yes", "no"), 4, 16);
        ObjectNode task = JSON.createObjectNode()
                .put("skill", "unit-vectors")
                .put("population", POPULATION)
                .put("baseModelSha256", BASE_MODEL)
                .put("kitSha256", Sha256.hex("a kit".getBytes(StandardCharsets.UTF_8)))
                .put("initialAdapterSha256", initial)
                .put("rounds", rounds)
                .put("localSteps", 1)
                .put("learningRate", 0.01)
                .put("examplesMin", 1)
                .put("clipNorm", 1.0)
                .putNull("epsilon")
                .put("delta", 1e-8);
        task.set("kitSpec", JSON.readTree(kit.toJson()));
        task.putObject("cohort")
                .put("min", min)
                .put("max", max)
                .put("dropoutBound", 0.3)
                .put("corruptionBound", 0.0);
        task.putObject("serverOptimizer")
                .put("kind", "fedavg")
                .put("learningRate", 1.0)
                .put("momentum", 0.0);
        task.putObject("phaseSeconds")
                .put("advertise", phaseSeconds)
                .put("shares", phaseSeconds)
                .put("masked", phaseSeconds)
                .put("unmask", phaseSeconds);
        return task;
    }

    public JsonNode status(String taskId) throws IOException {
        return JSON.readTree(ok(send("GET", "/v1/admin/tasks/" + taskId, new byte[0])));
    }

    /** The round of this number, once it is over. */
    public JsonNode awaitOver(String taskId, int number) throws IOException {
        for (int i = 0; i < 600; i++) {
            JsonNode round = status(taskId).path("rounds").path(number - 1);
            String phase = round.path("phase").asText();
            if (phase.equals("COMPLETED") || phase.equals("ABORTED")) {
                return round;
            }
            Wire.pause();
        }
        throw new IOException("round " + number + " did not end: " + status(taskId));
    }

    /** Closes the phase of a task's first round that waits for more once a step was taken from so many devices. */
    public void closeAt(String taskId, String step, int devices) throws IOException {
        JsonNode round = status(taskId).path("rounds").path(0);
        for (int i = 0; i < 600 && round.path(step).asInt() < devices; i++) {
            Wire.pause();
            round = status(taskId).path("rounds").path(0);
        }
        int status = close(round.path("id").asText());
        if (status != 200) {
            throw new IOException("close got " + status);
        }
    }

    public int close(String roundId) throws IOException {
        return send("POST", "/v1/admin/rounds/" + roundId + "/close", new byte[0])
                .statusCode();
    }

    /** An adapter's values. */
    public float[] adapter(String sha256) throws IOException {
        try {
            return Safetensors.read(wire.get("/v1/blobs/" + sha256)).toArray();
        } catch (FormatRefusedException e) {
            throw new IOException("not an adapter", e);
        }
    }

    public HttpResponse<byte[]> send(String method, String path, byte[] body) throws IOException {
        return wire.once(
                HttpRequest.newBuilder()
                        .header("authorization", "Bearer " + token)
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body)),
                path);
    }

    private static byte[] ok(HttpResponse<byte[]> reply) throws IOException {
        if (reply.statusCode() != 200) {
            throw new IOException(reply.statusCode() + " " + new String(reply.body(), StandardCharsets.UTF_8));
        }
        return reply.body();
    }
}
