package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice privacy}: what noise buys, what a budget takes, and what a device has spent of its own. */
@Command(
        name = "privacy",
        mixinStandardHelpOptions = true,
        description = "Answers what privacy a noise gives, what noise a privacy takes, and what a device has spent.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            PrivacyEpsilonCommand.class,
            PrivacyNoiseCommand.class,
            PrivacyLedgerCommand.class,
            PrivacyAuditCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice privacy epsilon --noise 4 --participations 8      what 8 rounds at z = 4 cost a device",
            "  coppice privacy noise --epsilon 8 --participations 6      what each of 200 devices must add",
            "  coppice privacy ledger --help                             what a device has spent"
        })
final class PrivacyCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to answer, for example: coppice privacy epsilon --help");
    }
}
