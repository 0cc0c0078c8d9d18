package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** {@code coppice agent privacy}. */
@Command(
        name = "privacy",
        mixinStandardHelpOptions = true,
        description = "What was learned from the user, when and from how much, and what was given away.",
        footerHeading = "%nExamples:%n",
        footer = {"  coppice agent privacy", "  coppice privacy ledger --home ./coppice-device    the ledger alone"})
final class AgentPrivacyCommand extends AgentQuestion {
    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        return ask("report", object());
    }

    @Override
    void print(PrintWriter out, JsonNode answer) {
        answer.path("sentences").forEach(sentence -> out.println(sentence.asText()));
    }
}
