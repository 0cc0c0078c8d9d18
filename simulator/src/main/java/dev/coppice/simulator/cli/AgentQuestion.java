package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.runtime.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that asks a device something and prints the answer. */
abstract class AgentQuestion implements Callable<Integer> {
    @Mixin
    private final AgentHome home = new AgentHome();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Asks, and tells what comes back. */
    abstract JsonNode ask() throws IOException, InterruptedException, EngineException;

    @Override
    public Integer call() throws IOException, InterruptedException, EngineException {
        try {
            JsonNode answer = ask();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(answer);
            } else {
                print(out, answer);
            }
            out.flush();
            return 0;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IllegalStateException e) {
            spec.commandLine().getErr().println("coppice: " + e.getMessage());
            return 1;
        }
    }

    final AgentHome home() {
        return home;
    }

    final JsonNode ask(String command, ObjectNode asked) throws IOException, InterruptedException, EngineException {
        return home.ask(command, asked);
    }

    final ParameterException wrong(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    static ObjectNode object() {
        return new ObjectMapper().createObjectNode();
    }

    /** A line for each member; members of members after their parent's name. */
    void print(PrintWriter out, JsonNode answer) {
        print(out, "", answer);
    }

    private static void print(PrintWriter out, String before, JsonNode answer) {
        answer.properties().forEach(member -> {
            String name = (before + " " + member.getKey().replaceAll("([A-Z])", " $1"))
                    .strip()
                    .toLowerCase(Locale.ROOT);
            JsonNode value = member.getValue();
            if (value.isObject()) {
                print(out, name, value);
            } else if (value.isArray()) {
                value.forEach(item -> out.printf("%-26s %s%n", name, item.asText()));
            } else {
                out.printf(
                        "%-26s %s%n",
                        name, value.isDouble() ? String.format(Locale.ROOT, "%.4f", value.asDouble()) : value.asText());
            }
        });
    }
}
