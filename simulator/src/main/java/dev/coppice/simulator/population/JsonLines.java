package dev.coppice.simulator.population;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.coppice.adapters.text.Example;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads JSON lines of {@code text}, optional {@code user} and optional {@code label}; blank lines are skipped. */
final class JsonLines {
    private static final int TOLD_MAX = 5;
    private static final int NAME_LENGTH_MAX = 64;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final boolean labelled;
    private final List<Line> lines = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private int malformed;

    private JsonLines(Path file, boolean labelled) {
        this.file = file;
        this.labelled = labelled;
    }

    /**
     * All lines of a file.
     *
     * @param labelled whether each line needs a label; labels are dropped if not
     * @throws PopulationRefusedException naming file and number of the first lines that are malformed
     */
    static List<Line> read(Path file, boolean labelled) throws IOException, PopulationRefusedException {
        JsonLines reader = new JsonLines(file, labelled);
        try (BufferedReader in = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                if (!line.isBlank()) {
                    reader.add(line, number);
                }
            }
        }
        return reader.finished();
    }

    /** Whether the first line that is not blank has a label. */
    static boolean hasLabels(Path file) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            Optional<String> first = in.lines().filter(line -> !line.isBlank()).findFirst();
            return first.isPresent() && JSON.readTree(first.get()).path("label").isTextual();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private List<Line> finished() throws PopulationRefusedException {
        if (malformed > 0) {
            String more = malformed > problems.size() ? "; and " + (malformed - problems.size()) + " more lines" : "";
            throw new PopulationRefusedException(String.join("; ", problems) + more);
        }
        return lines;
    }

    private void add(String line, int number) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            malformed(number, "is not JSON");
            return;
        }
        String problem = problem(node);
        if (problem != null) {
            malformed(number, problem);
            return;
        }
        String label = labelled ? node.path("label").textValue() : "";
        String user = node.path("user").textValue();
        lines.add(new Line(new Example(node.path("text").textValue(), label), user));
    }

    private @Nullable String problem(JsonNode node) {
        if (!node.isObject()) {
            return "is not a JSON object";
        }
        if (!node.path("text").isTextual() || node.path("text").textValue().isBlank()) {
            return "has no text";
        }
        if (labelled
                && (!node.path("label").isTextual()
                        || node.path("label").textValue().isBlank())) {
            return "has no label";
        }
        JsonNode user = node.path("user");
        if (!user.isMissingNode() && (!user.isTextual() || user.textValue().isBlank())) {
            return "has a user that is not text";
        }
        return user.isTextual() && user.textValue().length() > NAME_LENGTH_MAX
                ? "has a user of more than " + NAME_LENGTH_MAX + " characters"
                : null;
    }

    private void malformed(int number, String problem) {
        malformed++;
        if (problems.size() < TOLD_MAX) {
            problems.add(file + ":" + number + " " + problem);
        }
    }
}
