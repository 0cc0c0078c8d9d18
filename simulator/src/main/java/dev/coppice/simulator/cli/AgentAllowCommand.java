package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;

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
final class AgentAllowCommand extends AgentConsentQuestion {
    AgentAllowCommand() {
        super("allow");
    }
}
