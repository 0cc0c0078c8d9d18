package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code coppice agent train}. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        header = "Trains the personal adapter now, for this device alone.",
        description = {"It is used only if it is better on the newest fifth of the texts, which it is not trained on."},
        footerHeading = "%nExamples:%n",
        footer = {"  coppice agent train", "  coppice agent train --json"})
final class AgentTrainCommand extends AgentQuestion {
    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        return ask("train", object());
    }
}
