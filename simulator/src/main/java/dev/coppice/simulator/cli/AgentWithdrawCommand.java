package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;

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
final class AgentWithdrawCommand extends AgentConsentQuestion {
    AgentWithdrawCommand() {
        super("withdraw");
    }
}
