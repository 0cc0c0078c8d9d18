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

/** {@code coppice admin packs …}: how packs reach devices. */
@Command(
        name = "packs",
        mixinStandardHelpOptions = true,
        description = "Watches packs move out to devices, and takes them back.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice admin packs show assistant",
            "  coppice admin packs halt assistant                          devices go back to the pack before",
            "  coppice admin packs rollback assistant --from 3 --to 1      and to an earlier one still"
        })
final class AdminPacksCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice admin packs show SKILL");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Tells how far the packs of a skill have moved out.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin packs show assistant")
    int show(@Mixin AdminOptions options, @Parameters(paramLabel = "SKILL", description = "its name") String skill)
            throws IOException, InterruptedException {
        return options.look("rollouts/" + Names.checked(spec, skill));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Halts the rollout of a pack: devices go back to the one that it was to replace.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin packs halt assistant --class phone-small")
    int halt(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "SKILL", description = "its name") String skill,
            @Option(
                            names = "--class",
                            paramLabel = "NAME",
                            defaultValue = "*",
                            description =
                                    "of the devices that go back; * for those of no other rollout (default: ${DEFAULT-VALUE})")
                    String deviceClass)
            throws IOException, InterruptedException {
        String body = "{\"deviceClass\": \"%s\"}".formatted(named(deviceClass));
        return options.change(
                "rollouts/" + Names.checked(spec, skill) + "/halt", body.getBytes(StandardCharsets.UTF_8));
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Moves all devices of a class to an earlier pack, at once; the token must be a releaser's.",
            footerHeading = "%nExamples:%n",
            footer = "  coppice admin packs rollback assistant --from 3 --to 1")
    int rollback(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "SKILL", description = "its name") String skill,
            @Option(names = "--from", required = true, paramLabel = "V", description = "version that devices have")
                    long from,
            @Option(names = "--to", required = true, paramLabel = "V", description = "version that they go back to")
                    long to,
            @Option(
                            names = "--class",
                            paramLabel = "NAME",
                            defaultValue = "*",
                            description = "of the devices; * for those of no other rollout (default: ${DEFAULT-VALUE})")
                    String deviceClass)
            throws IOException, InterruptedException {
        if (to >= from) {
            throw new ParameterException(spec.commandLine(), "--to names an earlier version than --from");
        }
        String body = """
                {"deviceClass": "%s", "version": %d, "otherwise": %d, "stepsPermille": [1000], "soakSeconds": 0,
                 "devicesMin": 1, "rolledBackMax": 1, "crashedMax": 1, "accuracyLossMax": 1}
                """.formatted(named(deviceClass), to, from);
        return options.change("rollouts/" + Names.checked(spec, skill), body.getBytes(StandardCharsets.UTF_8));
    }

    private String named(String deviceClass) {
        return deviceClass.equals("*") ? deviceClass : Names.checked(spec, deviceClass);
    }
}
