package dev.coppice.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.crypto.trust.TrustedRoot;
import dev.coppice.protocol.Identifiers;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * What a device that runs by itself was set up with: the file {@code device.json} in its home. Holds no secret.
 *
 * @param server address of the aggregator
 * @param serverAuthority file of the certificates that vouch for the server; empty for the platform's
 * @param deviceClass by which rollouts and rounds tell devices apart; the aggregator is told at each check-in
 * @param model folder of the base model
 * @param kitSpec form of the skill's adapter
 */
public record DeviceProfile(
        URI server,
        Optional<Path> serverAuthority,
        String population,
        String skill,
        String deviceClass,
        Path model,
        KitSpec kitSpec,
        TrustAnchors trust) {
    private static final String FILE = "device.json";
    private static final String AUTHORITY = "serverAuthority";
    private static final long BYTES_MAX = 1 << 20;

    /** @throws IllegalArgumentException if a name is none, or the address is not one of HTTP */
    public DeviceProfile {
        Identifiers.requireIdentifier(population);
        Identifiers.requireIdentifier(skill);
        Identifiers.requireIdentifier(deviceClass);
        if (!"http".equals(server.getScheme()) && !"https".equals(server.getScheme())) {
            throw new IllegalArgumentException("an aggregator's address begins with http:// or https://");
        }
    }

    /**
     * Whom to believe, as an operator hands it out.
     *
     * @param keys {@code {"server": "..", "enrolment": ".."}}, in hexadecimal digits
     * @param repository root of the repository of skill packs
     * @throws IllegalArgumentException if a key is missing or is none
     */
    public static TrustAnchors trust(JsonNode keys, TrustedRoot repository) {
        return PinnedKeys.read(keys, repository);
    }

    /** Whether a home has been set up. */
    public static boolean isIn(Path home) {
        return Files.isRegularFile(home.resolve(FILE));
    }

    /**
     * Reads the profile of a home.
     *
     * @throws IOException if there is none, or it is not what {@link #write} wrote; says what is wrong
     */
    public static DeviceProfile read(Path home) throws IOException {
        Path file = home.resolve(FILE);
        if (!isIn(home)) {
            throw new IOException(
                    "no device in " + home + ": set it up with 'coppice agent enrol --home " + home + "'");
        }
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(file + " is too long to be a device's profile");
        }
        try {
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            return new DeviceProfile(
                    URI.create(json.path("server").asText()),
                    json.has(AUTHORITY)
                            ? Optional.of(Path.of(json.path(AUTHORITY).asText()))
                            : Optional.empty(),
                    json.path("population").asText(),
                    json.path("skill").asText(),
                    json.path("deviceClass").asText(AgentConfig.DEVICE_CLASS_USUAL), // older ones say nothing
                    Path.of(json.path("model").asText()),
                    KitSpec.fromJson(json.path("adapter").toString().getBytes(StandardCharsets.UTF_8)),
                    PinnedKeys.ofJson(json.path("trust")));
        } catch (IOException | IllegalArgumentException | KitRefusedException e) {
            throw new IOException(file + " is no device's profile: " + e.getMessage(), e);
        }
    }

    /** Writes it into a home that exists. */
    public void write(Path home) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = mapper.createObjectNode();
        json.put("server", server.toString())
                .put("population", population)
                .put("skill", skill)
                .put("deviceClass", deviceClass)
                .put("model", model.toAbsolutePath().toString());
        serverAuthority.ifPresent(
                file -> json.put(AUTHORITY, file.toAbsolutePath().toString()));
        json.set("adapter", mapper.readTree(kitSpec.toJson()));
        json.set("trust", PinnedKeys.toJson(trust));
        Path fresh = home.resolve(FILE + ".new");
        Files.write(fresh, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        Files.move(fresh, home.resolve(FILE), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * An agent's configuration, to be completed.
     *
     * @param base opened from {@link #model}
     */
    public AgentConfig.Builder config(Path home, BaseModel base) {
        AgentConfig.Builder builder = AgentConfig.builder(home);
        serverAuthority.ifPresent(builder::serverAuthority);
        return builder.baseModel(base)
                .kitSpec(kitSpec)
                .trust(trust)
                .server(server)
                .population(population)
                .skill(skill)
                .deviceClass(deviceClass);
    }
}
