package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code coppice agent status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Whether it is enrolled, what it answers with, what it used today, what privacy it has spent.",
        footerHeading = "%nExamples:%n",
        footer = {"  coppice agent status", "  coppice agent status --home ./phone --json"})
final class AgentStatusCommand extends AgentQuestion {
    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        return ask("status", object());
    }
}
