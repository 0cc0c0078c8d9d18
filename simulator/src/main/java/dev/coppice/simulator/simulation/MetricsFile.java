package dev.coppice.simulator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.simulator.fleet.RoundRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code metrics.jsonl}: one line a round, with the names of {@link RoundRecord} and the seed. What was not measured is null.
 * Lines are there as soon as a round is over. For any threads.
 */
public final class MetricsFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;

    /** @param file made, or emptied */
    public MetricsFile(Path file) throws IOException {
        this.file = file;
        Files.writeString(file, "");
    }

    /** Adds a round. */
    public synchronized void add(long seed, RoundRecord round) throws IOException {
        Files.writeString(file, line(seed, round) + "\n", StandardOpenOption.APPEND);
    }

    static String line(long seed, RoundRecord round) {
        ObjectNode line = JSON.createObjectNode().put("seed", seed);
        line.setAll((ObjectNode) withoutNan(JSON.valueToTree(round)));
        return line.toString();
    }

    private static JsonNode withoutNan(JsonNode node) {
        if (node instanceof ObjectNode object) {
            List.copyOf(object.properties()).forEach(member -> {
                JsonNode value = member.getValue();
                if (value.isDouble() && !Double.isFinite(value.doubleValue())) {
                    object.putNull(member.getKey());
                } else {
                    withoutNan(value);
                }
            });
        }
        return node;
    }

    /** The lines of an earlier run. */
    public static List<JsonNode> read(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank()) {
                lines.add(JSON.readTree(line));
            }
        }
        return List.copyOf(lines);
    }
}
