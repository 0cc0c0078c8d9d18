package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code coppice agent add}. */
@Command(
        name = "add",
        mixinStandardHelpOptions = true,
        description = "Keeps texts to learn from, on this device only. When it returns, they survive a crash.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent add --label lights_on \"it is too dark here\"",
            "  coppice agent add --correction --label heat_up \"I am freezing\"    it was answered wrongly",
            "  coppice agent add --file texts.jsonl                                lines of {\"text\": .., \"label\": ..}"
        })
final class AgentAddCommand extends AgentQuestion {
    @Parameters(arity = "0..*", paramLabel = "TEXT", description = "one text, in one or several words")
    private List<String> words = new ArrayList<>();

    @Option(names = "--label", paramLabel = "L", defaultValue = "", description = "what it means")
    private String label = "";

    @Option(names = "--file", paramLabel = "FILE", description = "many, one JSON object a line")
    private @Nullable Path file;

    @Option(names = "--correction", description = "a right answer where the device gave a wrong one")
    private boolean correction;

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        ObjectNode asked = object().put("corrections", correction);
        ArrayNode examples = asked.putArray("examples");
        if (!words.isEmpty()) {
            examples.addObject().put("text", String.join(" ", words)).put("label", label);
        }
        if (file != null) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    examples.add(example(line, number));
                }
            }
        }
        if (examples.isEmpty()) {
            throw wrong("say a text, or a file of texts with --file");
        }
        return ask("add", asked);
    }

    private JsonNode example(String line, int number) {
        try {
            JsonNode example = new ObjectMapper().readTree(line);
            if (example.path("text").isTextual()) {
                return example;
            }
        } catch (IOException e) {
            // as bad as one without a text; the exception would show the line
        }
        throw wrong("line " + number + " of " + file + " is no JSON object with a \"text\"");
    }
}
