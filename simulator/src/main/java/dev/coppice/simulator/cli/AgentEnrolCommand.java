package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.AgentConfig;
import dev.coppice.agent.TrustAnchors;
import dev.coppice.agent.daemon.Commands;
import dev.coppice.agent.daemon.DeviceProfile;
import dev.coppice.agent.daemon.Outcomes;
import dev.coppice.agent.policy.WorkPolicy;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.TrustedRoot;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice agent enrol}. */
@Command(
        name = "enrol",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Sets a device up, and enrols it with the aggregator.",
        description = {
            "Makes its home and its key, pins the keys that it believes, and trades an enrolment token",
            "for a certificate. Without a token the device is set up to learn for itself alone."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent enrol --server http://localhost:8080 --keys keys.json --root root.json \\",
            "      --token-file token --model models/pico --allow learn,contribute",
            "",
            "  keys.json is {\"server\": \"64 hex digits\", \"enrolment\": \"64 hex digits\"}, root.json the first root of the",
            "  repository; get both from the operator by a way that nobody can change, not from the server they are about."
        })
final class AgentEnrolCommand extends AgentQuestion {
    @Option(names = "--server", required = true, paramLabel = "URI", description = "where the aggregator is")
    private URI server = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "certificates in PEM that vouch for the server (default: those of the platform)")
    private @Nullable Path authority;

    @Option(names = "--keys", required = true, paramLabel = "FILE", description = "the keys to believe, as JSON")
    private Path keys = Path.of("keys.json");

    @Option(
            names = "--root",
            required = true,
            paramLabel = "FILE",
            description = "root of the repository of skill packs")
    private Path root = Path.of("root.json");

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "the base model's folder")
    private Path model = Path.of(".");

    @Option(names = "--token-file", paramLabel = "FILE", description = "an enrolment token as the aggregator gave it")
    private @Nullable Path tokenFile;

    @Option(
            names = "--population",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "the devices that it belongs to (default: ${DEFAULT-VALUE})")
    private String population = "default";

    @Option(
            names = "--skill",
            paramLabel = "NAME",
            defaultValue = "assistant",
            description = "what is learned (default: ${DEFAULT-VALUE})")
    private String skill = "assistant";

    @Option(
            names = "--device-class",
            paramLabel = "NAME",
            defaultValue = AgentConfig.DEVICE_CLASS_USUAL,
            description = "what rollouts tell devices apart by (default: ${DEFAULT-VALUE})")
    private String deviceClass = AgentConfig.DEVICE_CLASS_USUAL;

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            description =
                    "the form of the skill's adapter, as the task's kit spec in JSON (default: rank 8 on what the model "
                            + "names, for its labels or as a language model)")
    private @Nullable Path adapter;

    @Option(
            names = "--allow",
            split = ",",
            paramLabel = "WHAT",
            description = "what the user allows: learn, contribute, ask_online (default: nothing)")
    private List<String> allowed = new ArrayList<>();

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        if (tokenFile != null && !allowed.contains("contribute")) {
            throw wrong("a device is enrolled to take part: say --allow contribute, or leave the token out");
        }
        Optional<byte[]> token = tokenFile == null ? Optional.empty() : Optional.of(token(tokenFile));
        DeviceProfile profile = new DeviceProfile(
                server, Optional.ofNullable(authority), population, skill, deviceClass, model, form(), trust());
        Files.createDirectories(home().folder());
        profile.write(home().folder());
        return home().open(WorkPolicy.ANY_TIME, agent -> {
            Commands commands = new Commands(agent, new Outcomes());
            if (!allowed.isEmpty()) {
                ObjectNode asked = object();
                ArrayNode what = asked.putArray("what");
                allowed.forEach(what::add);
                commands.answer("allow", asked);
            }
            if (token.isPresent()) {
                try {
                    agent.enrol(token.get());
                } catch (ServerRefusedException e) {
                    throw new IOException("the aggregator does not take this token: it is unknown, used or too old", e);
                } catch (SignatureRefusedException e) {
                    throw new IOException("the certificate is not signed by the enrolment key in " + keys, e);
                }
            }
            return commands.answer("status", object());
        });
    }

    private TrustAnchors trust() throws IOException {
        try {
            return DeviceProfile.trust(
                    new ObjectMapper().readTree(keys.toFile()), TrustedRoot.pinned(Files.readAllBytes(root)));
        } catch (MetadataRefusedException e) {
            throw wrong(root + " is no root of a repository: " + e.getMessage());
        }
    }

    private KitSpec form() throws IOException {
        try {
            if (adapter != null) {
                return KitSpec.fromJson(Files.readAllBytes(adapter));
            }
            try (BaseModel base = BaseModel.open(model)) {
                LoraSpec lora = new LoraSpec(8, 16, base.config().loraTargets(), Factors.B, 1);
                List<String> labels = base.config().labels();
                int length = base.config().lengthMax();
                return labels.isEmpty()
                        ? new KitSpec(Task.CAUSAL_LM, lora, labels, 8, Math.min(64, length))
                        : new KitSpec(Task.TEXT_CLASSIFICATION, lora, labels, 8, Math.min(32, length));
            }
        } catch (KitRefusedException | ModelRefusedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private byte[] token(Path file) throws IOException {
        try {
            byte[] token = HexFormat.of().parseHex(Files.readString(file).strip());
            if (token.length == 32) {
                return token;
            }
        } catch (IllegalArgumentException e) {
            // as bad as a wrong length; the exception would show some of it
        }
        throw wrong(file + " holds no enrolment token");
    }
}
