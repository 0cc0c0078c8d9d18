package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice pack …}: what holders of release keys do. */
@Command(
        name = "pack",
        mixinStandardHelpOptions = true,
        description = "Turns a finished task into a signed skill pack.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SignerCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {"  coppice pack signer --help    holds a release key and signs one pack"})
final class PackCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice pack signer --help");
    }
}
