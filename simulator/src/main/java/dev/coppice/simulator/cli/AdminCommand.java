package dev.coppice.simulator.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice admin …}: what operators do with an aggregator that runs. */
@Command(
        name = "admin",
        mixinStandardHelpOptions = true,
        description = {
            "Runs tasks, watches rounds and the fleet, and halts what goes wrong, by the aggregator's admin API.",
            "COPPICE_AGGREGATOR and COPPICE_TOKEN_FILE say where it is and what opens it, or each command is told."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AdminTasksCommand.class, AdminRoundsCommand.class, AdminPacksCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice admin tasks list                        all tasks, newest first",
            "  coppice admin tasks create task.json            a new one; see admin tasks --help",
            "  coppice admin rounds list t-0123456789abcdef    how its rounds went",
            "  coppice admin packs halt assistant              sends devices back to the pack before",
            "  coppice admin fleet                             devices by population, version and class",
            "  coppice admin tokens --count 10 --population home    admits ten devices"
        })
final class AdminCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice admin tasks list");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Counts devices: enrolled ones, and those of the last day by version and class.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin fleet --json")
    int fleet(@Mixin AdminOptions options) throws IOException, InterruptedException {
        return options.look("fleet");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Tells what the aggregator knows of the privacy that a device has spent.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin ledger d-0123456789abcdef")
    int ledger(@Mixin AdminOptions options, @Parameters(paramLabel = "DEVICE", description = "its id") String device)
            throws IOException, InterruptedException {
        return options.look("devices/" + Names.checked(spec, device) + "/ledger");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description =
                    "Lists what was asked for and what came of it, oldest first, and whether the log was changed.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  coppice admin audit --limit 20",
                "  coppice admin audit --cursor 19 --limit 20    the next twenty"
            })
    int audit(@Mixin AdminOptions options, @Mixin PageOptions page) throws IOException, InterruptedException {
        return options.look("audit" + page.query());
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Makes enrolment tokens, each of which admits one device to a population, once.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin tokens --count 10 --population home --json")
    int tokens(
            @Mixin AdminOptions options,
            @Option(
                            names = "--count",
                            paramLabel = "N",
                            defaultValue = "1",
                            description = "how many, up to 100,000 (default: ${DEFAULT-VALUE})")
                    int count,
            @Option(names = "--population", required = true, paramLabel = "NAME", description = "of the devices")
                    String population)
            throws IOException, InterruptedException {
        String body = "{\"count\": %d, \"population\": \"%s\"}".formatted(count, Names.checked(spec, population));
        return options.change("enrolment-tokens", body.getBytes(StandardCharsets.UTF_8));
    }
}
