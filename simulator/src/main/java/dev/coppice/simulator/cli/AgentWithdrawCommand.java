package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code coppice agent withdraw}. */
@Command(
        name = "withdraw",
        mixinStandardHelpOptions = true,
        description = "Notes what the user does not allow any more, and deletes what was there because of it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent withdraw learn           deletes all texts and all that was learned",
            "  coppice agent withdraw contribute      deletes the device's key and certificate"
        })
final class AgentWithdrawCommand extends AgentQuestion {
    @Parameters(arity = "1..*", paramLabel = "WHAT", description = "learn, contribute or ask_online")
    private List<String> what = new ArrayList<>();

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        ObjectNode asked = object();
        ArrayNode names = asked.putArray("what");
        what.forEach(names::add);
        return ask("withdraw", asked);
    }
}
