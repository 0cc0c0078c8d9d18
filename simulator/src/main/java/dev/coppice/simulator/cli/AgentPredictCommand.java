package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code coppice agent predict}. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = "The best answer that the device has: a label, or what comes next.",
        footerHeading = "%nExamples:%n",
        footer = {"  coppice agent predict \"I cannot see a thing\"", "  coppice agent predict --json it is too dark"})
final class AgentPredictCommand extends AgentQuestion {
    @Parameters(arity = "1..*", paramLabel = "TEXT", description = "one text, in one or several words")
    private List<String> words = new ArrayList<>();

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        return ask("predict", object().put("text", String.join(" ", words)));
    }

    @Override
    void print(PrintWriter out, JsonNode answer) {
        out.printf(
                Locale.ROOT,
                "%s  (%.0f %%, %s)%n",
                answer.path("answer").asText(),
                100 * answer.path("probability").asDouble(),
                answer.path("source").asText());
    }
}
