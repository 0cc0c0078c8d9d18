package dev.coppice.simulator.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice pack …}: what holders of root and release keys do. */
@Command(
        name = "pack",
        mixinStandardHelpOptions = true,
        description = "Signs and releases skill packs, away from the aggregator.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            KeysCommand.class,
            SignCommand.class,
            PublishCommand.class,
            RotateCommand.class,
            RenewCommand.class,
            RevokeCommand.class,
            SignerCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice pack keys --holder release       makes a holder's keys",
            "  coppice pack publish --help              begins a repository, releases a pack",
            "  coppice pack sign draft.json --key FILE  adds a signature, without any network",
            "  coppice pack rotate --help               replaces a holder",
            "  coppice pack revoke --help               takes a pack back",
            "  coppice pack signer --help               plays all holders, for a trial"
        })
final class PackCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice pack keys --help");
    }
}
