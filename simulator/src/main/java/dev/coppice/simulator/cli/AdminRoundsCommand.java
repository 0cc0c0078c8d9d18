package dev.coppice.simulator.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice admin rounds …}: what devices do together. */
@Command(
        name = "rounds",
        mixinStandardHelpOptions = true,
        description = "Shows rounds, and closes their phases before their time.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice admin rounds list t-0123456789abcdef",
            "  coppice admin rounds close t-0123456789abcdef-3    does not wait for more devices"
        })
final class AdminRoundsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice admin rounds list TASK");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Lists the rounds of a task, newest first.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin rounds list t-0123456789abcdef --limit 5")
    int list(
            @Mixin AdminOptions options,
            @Mixin PageOptions page,
            @Parameters(paramLabel = "TASK", description = "its id") String task)
            throws IOException, InterruptedException {
        return options.look("tasks/" + Names.checked(spec, task) + "/rounds" + page.query());
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Closes the present phase of a round, as its deadline would.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin rounds close t-0123456789abcdef-3")
    int close(@Mixin AdminOptions options, @Parameters(paramLabel = "ROUND", description = "its id") String round)
            throws IOException, InterruptedException {
        return options.change("rounds/" + Names.checked(spec, round) + "/close", new byte[0]);
    }
}
