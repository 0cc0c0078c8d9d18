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

/** {@code coppice agent allow}. */
@Command(
        name = "allow",
        mixinStandardHelpOptions = true,
        description = "Notes what the device's user allows. Ask the user first.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent allow learn              to keep texts and adapt to them, on this device only",
            "  coppice agent allow contribute         to take part in rounds"
        })
final class AgentAllowCommand extends AgentQuestion {
    @Parameters(arity = "1..*", paramLabel = "WHAT", description = "learn, contribute or ask_online")
    private List<String> what = new ArrayList<>();

    @Override
    JsonNode ask() throws IOException, InterruptedException, EngineException {
        ObjectNode asked = object();
        ArrayNode names = asked.putArray("what");
        what.forEach(names::add);
        return ask("allow", asked);
    }
}
