package dev.coppice.simulator.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.HolderKeys;
import dev.coppice.crypto.trust.MetadataRefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The aggregator's admin API. Safe for use by several threads. */
public final class AdminClient {
    private static final Duration REPLY_MAX = Duration.ofSeconds(60);
    private static final int ATTEMPTS_MAX = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final URI server;
    private final String token;

    /**
     * A client of one aggregator.
     *
     * @param client belongs to the caller
     * @param token the operator's bearer token
     */
    public AdminClient(HttpClient client, URI server, String token) {
        this.client = client;
        this.server = server;
        this.token = token;
    }

    /** New enrolment tokens, each good for one device. */
    public List<byte[]> enrolmentTokens(int count, String population) throws IOException, InterruptedException {
        JsonNode reply = json("POST", "/v1/admin/enrolment-tokens", Map.of("count", count, "population", population));
        JsonNode tokens = reply.isArray() ? reply : reply.path("tokens");
        List<byte[]> read = new ArrayList<>();
        tokens.forEach(hex -> read.add(HexFormat.of().parseHex(hex.asText())));
        if (read.size() != count) {
            throw new IOException("asked for " + count + " enrolment tokens and got " + read.size());
        }
        return List.copyOf(read);
    }

    /** The aggregator's public keys, for devices to pin. */
    public PublicKeys keys() throws IOException, InterruptedException {
        JsonNode reply = JSON.readTree(send("GET", "/v1/keys", BodyPublishers.noBody(), "application/json"));
        Map<String, HolderKeys> repository = new TreeMap<>();
        for (Map.Entry<String, JsonNode> role : reply.path("repository").properties()) {
            try {
                repository.put(role.getKey(), HolderKeys.parse(JSON.writeValueAsBytes(role.getValue())));
            } catch (MetadataRefusedException e) {
                throw new IOException("the aggregator's key for " + role.getKey() + " is none", e);
            }
        }
        return new PublicKeys(
                HexFormat.of().parseHex(reply.path("server").asText()),
                HexFormat.of().parseHex(reply.path("enrolment").asText()),
                repository,
                reply.path("log").asText());
    }

    /** The key that the aggregator signs terms with, by its own word: whoever has it from elsewhere compares. */
    public VerifyingKey serverKey() throws IOException, InterruptedException {
        try {
            return VerifyingKey.of(keys().server());
        } catch (InvalidKeyException e) {
            throw new IOException("the aggregator's key is none", e);
        }
    }

    /** Stores bytes; their SHA-256. */
    public String putBlob(byte[] bytes) throws IOException, InterruptedException {
        byte[] reply = send("PUT", "/v1/admin/blobs", BodyPublishers.ofByteArray(bytes), "application/octet-stream");
        return JSON.readTree(reply).path("sha256").asText();
    }

    /** Bytes by their SHA-256, as any device fetches them. */
    public byte[] blob(String sha256) throws IOException, InterruptedException {
        return send("GET", "/v1/blobs/" + sha256, BodyPublishers.noBody(), "application/octet-stream");
    }

    /**
     * Starts a task.
     *
     * @return its identifier
     * @throws AdminRefusedException when the aggregator cannot keep what is asked, for example the budget
     */
    public String createTask(TaskDefinition task) throws IOException, InterruptedException {
        return json("POST", "/v1/admin/tasks", task).path("taskId").asText();
    }

    /** How far a task is. */
    public TaskStatus status(String taskId) throws IOException, InterruptedException {
        return TaskStatus.of(
                JSON.readTree(send("GET", "/v1/admin/tasks/" + taskId, BodyPublishers.noBody(), "application/json")));
    }

    /**
     * The aggregator's signed word for the rounds that a pack came out of.
     *
     * @param evaluationId task whose rounds measured it, if any did
     * @param files SHA-256 of stored blobs, by name
     * @throws AdminRefusedException if the files do not hold what the task's rounds made
     */
    public byte[] provenance(String taskId, Optional<String> evaluationId, Map<String, String> files)
            throws IOException, InterruptedException {
        Map<String, Object> request = new TreeMap<>(Map.of("files", files));
        evaluationId.ifPresent(id -> request.put("evaluation", id));
        return send(
                "POST",
                "/v1/admin/tasks/" + taskId + "/provenance",
                BodyPublishers.ofByteArray(JSON.writeValueAsBytes(request)),
                "application/json");
    }

    /** Anything else that operators ask for in JSON; the reply. */
    public JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return json("POST", path, body);
    }

    /** Anything that operators may look at. */
    public JsonNode look(String path) throws IOException, InterruptedException {
        return JSON.readTree(send("GET", path, BodyPublishers.noBody(), "application/json"));
    }

    /**
     * Has something changed, once, however often the request has to be sent until an answer arrives.
     *
     * @param idempotencyKey that no other request has
     * @throws AdminRefusedException if the aggregator does not do it
     */
    public JsonNode change(String path, byte[] body, String idempotencyKey) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return JSON.readTree(send(
                        "POST",
                        path,
                        BodyPublishers.ofByteArray(body),
                        "application/json",
                        "Idempotency-Key",
                        idempotencyKey));
            } catch (AdminRefusedException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    /** No more rounds of a task open; those that devices have joined go on. */
    public void cancelTask(String taskId) throws IOException, InterruptedException {
        send("POST", "/v1/admin/tasks/" + taskId + "/cancel", BodyPublishers.noBody(), "application/json");
    }

    /** Deletes what the aggregator has of a device. */
    public void forgetDevice(String deviceId) throws IOException, InterruptedException {
        send("DELETE", "/v1/admin/devices/" + deviceId, BodyPublishers.noBody(), "application/json");
    }

    /** What the aggregator knows of the privacy that a device has spent in its rounds. */
    public DeviceSpent spent(String deviceId) throws IOException, InterruptedException {
        return DeviceSpent.of(JSON.readTree(
                send("GET", "/v1/admin/devices/" + deviceId + "/ledger", BodyPublishers.noBody(), "application/json")));
    }

    /** Ends the round's present phase, as its deadline would. */
    public void closePhase(String roundId) throws IOException, InterruptedException {
        send("POST", "/v1/admin/rounds/" + roundId + "/close", BodyPublishers.noBody(), "application/json");
    }

    /** Hands in the first root of the repository, or the next one. */
    public void putRoot(byte[] file) throws IOException, InterruptedException {
        send("PUT", "/v1/admin/repository/root", BodyPublishers.ofByteArray(file), "application/json");
    }

    /** Hands in the next targets of the repository, whose files are stored. */
    public void putTargets(byte[] file) throws IOException, InterruptedException {
        send("PUT", "/v1/admin/repository/targets", BodyPublishers.ofByteArray(file), "application/json");
    }

    /** Whether the aggregator answers. */
    public boolean healthy() throws InterruptedException {
        try {
            send("GET", "/health", BodyPublishers.noBody(), "application/json");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * What devices pin, and what root and targets of the repository name.
     *
     * @param server Ed25519, 32 bytes
     * @param enrolment Ed25519, 32 bytes
     * @param repository the aggregator's keys, by role
     * @param log the key of the transparency log, as signed notes have it
     */
    @SuppressWarnings("ArrayRecordComponent") // public keys, handed on at once
    public record PublicKeys(byte[] server, byte[] enrolment, Map<String, HolderKeys> repository, String log) {}

    private JsonNode json(String method, String path, Object body) throws IOException, InterruptedException {
        byte[] reply = send(method, path, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)), "application/json");
        return reply.length == 0 ? JSON.createObjectNode() : JSON.readTree(reply);
    }

    /** @param headers names and values in turn */
    private byte[] send(String method, String path, BodyPublisher body, String type, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(server.resolve(path))
                .timeout(REPLY_MAX)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .method(method, body);
        HttpRequest request = (headers.length == 0 ? builder : builder.headers(headers)).build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() / 100 != 2) {
            throw new AdminRefusedException(method + " " + path, response.statusCode(), reason(response.body()));
        }
        return response.body();
    }

    private static String reason(byte[] body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json instanceof ObjectNode && json.has("detail")) {
                return json.path("detail").asText();
            }
        } catch (JsonProcessingException e) {
            // then it is text
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory", e);
        }
        return new String(body, StandardCharsets.UTF_8);
    }
}
