package dev.coppice.simulator.cli;

import dev.coppice.protocol.Identifiers;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Names on the command line that go into addresses. */
final class Names {
    private Names() {}

    /** The same, if it is one. */
    static String checked(CommandSpec spec, String name) {
        if (!Identifiers.isIdentifier(name)) {
            throw new ParameterException(spec.commandLine(), "a name has 1 to 64 characters of [a-z0-9-]");
        }
        return name;
    }
}
