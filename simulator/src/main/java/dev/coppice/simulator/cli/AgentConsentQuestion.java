package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** Tells a device what its user allows, or does not allow any more. */
abstract class AgentConsentQuestion extends AgentQuestion {
    @Parameters(arity = "1..*", paramLabel = "WHAT", description = "learn, contribute or ask_online")
    private List<String> what = new ArrayList<>();

    private final String command;

    /** @param command of the device that it is told by */
    AgentConsentQuestion(String command) {
        this.command = command;
    }

    @Override
    final JsonNode ask() throws IOException, InterruptedException, EngineException {
        ObjectNode asked = object();
        ArrayNode names = asked.putArray("what");
        what.forEach(names::add);
        return ask(command, asked);
    }
}
