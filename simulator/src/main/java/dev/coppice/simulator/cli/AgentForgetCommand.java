package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coppice agent forget}. */
@Command(
        name = "forget",
        mixinStandardHelpOptions = true,
        header = "Deletes all texts, and all that was learned from them.",
        description = {"What went into sums of rounds cannot be taken back; the ledger of it stays."},
        footerHeading = "%nExamples:%n",
        footer = {"  coppice agent forget --yes"})
final class AgentForgetCommand extends AgentQuestion {
    @Option(names = "--yes", required = true, description = "to be said, since nothing brings them back")
    private boolean yes;

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        if (!yes) {
            throw wrong("say --yes: nothing brings them back");
        }
        return ask("forget", object());
    }
}
