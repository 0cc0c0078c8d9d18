package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice agent}: a device that runs by itself. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        description = {
            "A device: keeps its user's texts, adapts the model to them, takes part in rounds.",
            "While 'agent run' has the home open, the other commands ask it; otherwise they open the home themselves."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            AgentEnrolCommand.class,
            AgentRunCommand.class,
            AgentStatusCommand.class,
            AgentAddCommand.class,
            AgentTrainCommand.class,
            AgentPredictCommand.class,
            AgentPacksCommand.class,
            AgentPrivacyCommand.class,
            AgentAllowCommand.class,
            AgentWithdrawCommand.class,
            AgentForgetCommand.class,
            AgentExportCommand.class,
            AgentRehearseCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice agent enrol --server http://localhost:8080 --keys keys.json --root root.json \\",
            "      --token-file token --model models/pico --allow learn,contribute",
            "  coppice agent add --label lights_on \"it is too dark here\"",
            "  coppice agent train",
            "  coppice agent predict \"I cannot see a thing\"",
            "  coppice agent run                       works whenever the device's state allows it, until Ctrl-C",
            "  coppice agent privacy                   what was learned from you, and what was given away"
        })
final class AgentCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice agent status");
    }
}
