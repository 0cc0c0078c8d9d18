package dev.coppice.simulator.cli;

import dev.coppice.simulator.FileTrouble;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The one command with everything below it. Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 interrupted. */
@Command(
        name = "coppice",
        mixinStandardHelpOptions = true,
        version = "coppice 0.1.0",
        description = "Personalizes language models on people's own devices without their text ever leaving them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            AggregatorCommand.class,
            AdminCommand.class,
            AgentCommand.class,
            ModelCommand.class,
            PackCommand.class,
            SimulateCommand.class,
            PrivacyCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice demo                                    the whole loop, in about 3 minutes",
            "  coppice demo --devices 50 --rounds 4 --seed 7   smaller, and repeatable",
            "  coppice demo --data texts.jsonl                 on your own texts",
            "  coppice aggregator --home ./aggregator          the service alone",
            "  coppice admin tasks list                        what it does; see admin --help",
            "  coppice agent status                            a device of your own; see agent --help",
            "  coppice model pretrain --generated --out pico   a base model of your own",
            "  coppice privacy noise --epsilon 8               the noise that a budget takes",
            "  coppice simulate SCENARIO.yaml --out run1       thousands of devices in one process",
            "  coppice COMMAND --help                          flags and examples of a command"
        })
public final class Coppice implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    @SuppressWarnings("NullAway.Init")
    public Coppice() {}

    /** Where the process starts. */
    public static void main(String[] args) {
        if (args.length > 1 && args[0].equals("agent") && args[1].equals("run")) {
            System.setProperty("logback.configurationFile", "agent-logback.xml");
        } else if (args.length == 0 || !args[0].equals("aggregator")) { // a service logs; the rest talks to people
            System.setProperty("logback.configurationFile", "quiet-logback.xml");
        }
        System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(System.err, true, StandardCharsets.UTF_8));
        System.exit(commandLine().execute(args));
    }

    /** The whole command line, for tests too. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Coppice());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpWidth(100);
        commandLine.setParameterExceptionHandler(Coppice::askedWrongly);
        commandLine.setExecutionExceptionHandler(Coppice::failed);
        return commandLine;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: coppice demo");
    }

    /** One sentence and where to read on, instead of a page of flags. */
    private static int askedWrongly(ParameterException refusal, String[] args) {
        CommandLine command = refusal.getCommandLine();
        command.getErr().println("coppice: " + refusal.getMessage());
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** The outside world in one sentence; our own bugs with all that is known of them. */
    private static int failed(Exception failure, CommandLine command, ParseResult arguments) throws Exception {
        if (!(failure instanceof IOException) && !(failure instanceof UncheckedIOException)) {
            throw failure;
        }
        command.getErr().println("coppice: " + FileTrouble.sentence(failure));
        return command.getCommandSpec().exitCodeOnExecutionException();
    }
}
