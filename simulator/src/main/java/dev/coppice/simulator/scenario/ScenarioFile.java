package dev.coppice.simulator.scenario;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.serialization.JsonNodeReader;
import com.networknt.schema.utils.JsonNodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a scenario's YAML and checks it against {@code scenario.schema.json}. */
final class ScenarioFile {
    private static final int TOLD_MAX = 8;
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private static final JsonNode WRITTEN = written();
    private static final JsonSchema SCHEMA = SCHEMAS.getSchema(WRITTEN);
    private static final JsonSchema CLASSES = SCHEMAS.getSchema(classesAlone());

    private ScenarioFile() {}

    private static JsonNode written() {
        try (InputStream in =
                Objects.requireNonNull(ScenarioFile.class.getResourceAsStream("scenario.schema.json"), "the schema")) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException("the schema cannot be read", e);
        }
    }

    /** Whatever else there may be. */
    private static JsonNode classesAlone() {
        ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
        schema.putArray("required").add("classes");
        schema.putObject("properties").set("classes", WRITTEN.at("/properties/classes"));
        return schema;
    }

    /**
     * A file of which only {@code classes} are looked at.
     *
     * @throws ScenarioRefusedException naming line and field of each fault
     */
    static ObjectNode classes(Path file) throws IOException, ScenarioRefusedException {
        return read(file, CLASSES);
    }

    /**
     * The scenario in a file.
     *
     * @throws ScenarioRefusedException naming line and field of each fault
     */
    static ObjectNode read(Path file) throws IOException, ScenarioRefusedException {
        return read(file, SCHEMA);
    }

    private static ObjectNode read(Path file, JsonSchema schema) throws IOException, ScenarioRefusedException {
        if (!Files.isRegularFile(file)) {
            throw new ScenarioRefusedException("there is no scenario file " + file);
        }
        JsonNode read = parsed(file);
        var faults = schema.validate(read);
        if (!faults.isEmpty()) {
            throw new ScenarioRefusedException(file + " is no scenario:\n"
                    + faults.stream()
                            .sorted(Comparator.comparingInt(ScenarioFile::line))
                            .limit(TOLD_MAX)
                            .map(ScenarioFile::told)
                            .collect(Collectors.joining("\n")));
        }
        return (ObjectNode) read;
    }

    private static JsonNode parsed(Path file) throws IOException, ScenarioRefusedException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        try {
            return JsonNodeReader.builder().locationAware().build().readTree(text, InputFormat.YAML);
        } catch (JsonProcessingException e) {
            throw notYaml(file, e);
        } catch (IllegalArgumentException e) { // how the reader passes on what it was told
            if (e.getCause() instanceof JsonProcessingException cause) {
                throw notYaml(file, cause);
            }
            throw e;
        }
    }

    private static ScenarioRefusedException notYaml(Path file, JsonProcessingException e) {
        @Nullable JsonLocation at = e.getLocation();
        String where = at == null ? "" : " line " + at.getLineNr() + ":";
        String what = e.getOriginalMessage().lines().findFirst().orElse("");
        return new ScenarioRefusedException(file + " is not YAML:" + where + " " + what, e);
    }

    private static int line(ValidationMessage fault) {
        return location(fault).map(JsonLocation::getLineNr).orElse(0);
    }

    private static Optional<JsonLocation> location(ValidationMessage fault) {
        @Nullable JsonNode node = fault.getInstanceNode();
        return node == null ? Optional.empty() : Optional.ofNullable(JsonNodes.tokenLocationOf(node));
    }

    /** Without the path in front, which is told in our own way. */
    private static String told(ValidationMessage fault) {
        String path = fault.getInstanceLocation().toString();
        String field = path.startsWith("$.") ? path.substring(2) : "the scenario";
        String message = String.valueOf(fault.getMessage());
        String rule = message.startsWith(path + ": ") ? message.substring(path.length() + 2) : message;
        return "  line " + line(fault) + ", " + field + ": " + rule;
    }
}
