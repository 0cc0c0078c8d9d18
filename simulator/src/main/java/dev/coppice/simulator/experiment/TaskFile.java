package dev.coppice.simulator.experiment;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Task definitions in files, and members that are set to something else. */
public final class TaskFile {
    private TaskFile() {}

    /**
     * The definition in a file.
     *
     * @param set JSON or, where it is none, text by JSON pointer, for example {@code 8} by {@code /epsilon}
     * @throws ExperimentRefusedException if there is no such object, or a pointer leads nowhere
     */
    public static ObjectNode read(Path file, Map<String, String> set) throws IOException, ExperimentRefusedException {
        if (!(Json.read(file) instanceof ObjectNode task)) {
            throw new ExperimentRefusedException(file + " is no task definition, which is a JSON object");
        }
        for (Map.Entry<String, String> one : set.entrySet()) {
            set(task, one.getKey(), value(one.getValue()));
        }
        return task;
    }

    private static JsonNode value(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            return Json.MAPPER.getNodeFactory().textNode(text);
        }
    }

    /** @throws ExperimentRefusedException if the pointer leads nowhere */
    static void set(ObjectNode document, String pointer, JsonNode value) throws ExperimentRefusedException {
        if (!pointer.startsWith("/")) {
            throw new ExperimentRefusedException(pointer + " is no JSON pointer, such as /kitSpec/lora/rank");
        }
        JsonPointer place = JsonPointer.compile(pointer);
        if (!(document.at(place.head()) instanceof ObjectNode parent)
                || place.last().getMatchingProperty().isEmpty()) {
            throw new ExperimentRefusedException(
                    "there is no object at " + place.head() + ", which " + pointer + " would be in");
        }
        parent.set(place.last().getMatchingProperty(), value);
    }
}
