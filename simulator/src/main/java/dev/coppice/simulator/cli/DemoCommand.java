package dev.coppice.simulator.cli;

import dev.coppice.adapters.kit.Task;
import dev.coppice.simulator.Demo;
import dev.coppice.simulator.DemoRefusedException;
import dev.coppice.simulator.DemoSettings;
import dev.coppice.simulator.report.FinalTable;
import dev.coppice.simulator.report.Summary;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code coppice demo}: flags in, the table out. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Runs the whole loop on real parts and writes a report.",
        description = {
            "Runs the whole loop on real parts: an aggregator and a release signer in processes of their own, and",
            "virtual devices that fine-tune on their own texts, mask, upload, and install the signed skill pack.",
            "Writes report.html and summary.json."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice demo                                    200 devices, 6 rounds, epsilon 8",
            "  coppice demo --devices 50 --rounds 3 --seed 7   smaller, and repeatable",
            "  coppice demo --epsilon 4 --dropout 0.15         more privacy, worse network",
            "  coppice demo --epsilon off                      no noise, to see what it costs",
            "  coppice demo --data texts.jsonl --task causal-lm --out ./mine"
        })
final class DemoCommand implements Callable<Integer> {
    private static final DateTimeFormatter FOLDER = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "200",
            description = "virtual devices, " + DemoSettings.DEVICES_MIN + " to " + DemoSettings.DEVICES_MAX
                    + " (default: ${DEFAULT-VALUE})")
    private int devices;

    @Option(
            names = "--rounds",
            paramLabel = "R",
            defaultValue = "6",
            description = "attempts at a round, abandoned ones counted (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = {
                "JSON lines with text and, if you have them, user and label; or a folder with one text file per user",
                "(default: made-up people who speak to an assistant)"
            })
    private @Nullable Path data;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "folder of the base model (default: models/pico, which comes with Coppice)")
    private @Nullable Path model;

    @Option(
            names = "--task",
            paramLabel = "T",
            description = "text-classification or causal-lm (default: classification where there are labels)")
    private @Nullable String task;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0.05",
            description = "probability that a device vanishes in the middle of a round (default: ${DEFAULT-VALUE})")
    private double dropout;

    @Option(
            names = "--epsilon",
            paramLabel = "E|off",
            defaultValue = "8",
            description =
                    "what each device may spend in the whole run, at delta 1e-8; off: no noise (default: ${DEFAULT-VALUE})")
    private String epsilon = "8";

    @Option(
            names = "--clip-quantile",
            paramLabel = "Q",
            description = {
                "let the clip norm follow this quantile of the updates' norms, which a count in the noised sum tells",
                "(default: the same norm in all rounds)"
            })
    private @Nullable Double clipQuantile;

    @Option(
            names = "--merge-rule",
            paramLabel = "RULE",
            defaultValue = DemoSettings.MERGE_RULE,
            description = {
                "what becomes of LoRA factors: ffa (B is shared), rolora (B and A in turn), fedsvd (B; the server then turns",
                "both), fedsa (A; each device keeps its B), fedit (both, without noise) (default: ${DEFAULT-VALUE})"
            })
    private String mergeRule = DemoSettings.MERGE_RULE;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = {
                "draws everything from this number, so that the same seed gives the same result;",
                "the noise can then be reproduced, so privacy is only simulated (default: real randomness)"
            })
    private @Nullable Long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder for all that the run leaves behind (default: coppice-demo/<date>-<time>)")
    private @Nullable Path out;

    @Option(names = "--no-progress", description = "plain lines instead of a live one")
    private boolean noProgress;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        InstantSource clock = InstantSource.system();
        Path folder = out != null
                ? out
                : Path.of("coppice-demo", FOLDER.format(clock.instant().atZone(ZoneId.systemDefault())));
        DemoSettings settings = settings(folder);
        PrintStream terminal = System.out;
        Screen screen = new Screen(terminal, Terminal.interactive() && !noProgress, Terminal.columns(), clock);
        Interruption interruption = Interruption.watch(folder, screen);
        try {
            Summary summary = new Demo(settings, clock, screen).run();
            interruption.tooLate();
            screen.close();
            terminal.println();
            FinalTable.lines(summary).forEach(terminal::println);
            terminal.println();
            terminal.println("report   " + folder.resolve("report.html"));
            terminal.println("figures  " + folder.resolve("summary.json"));
            return 0;
        } catch (DemoRefusedException e) {
            return interruption.or(() -> failed(screen, e, 2));
        } catch (IOException e) {
            return interruption.or(() -> {
                System.err.println("coppice: what there is so far lies in " + folder);
                return failed(screen, e, 1);
            });
        } catch (InterruptedException e) {
            return interruption.or(() -> 1);
        } finally {
            interruption.tooLate();
        }
    }

    private static int failed(Screen screen, Exception cause, int code) {
        screen.close();
        System.err.println("coppice: " + cause.getMessage());
        return code;
    }

    private DemoSettings settings(Path folder) {
        try {
            return new DemoSettings(
                    devices,
                    rounds,
                    Optional.ofNullable(model),
                    Optional.ofNullable(data),
                    Optional.ofNullable(task).map(this::task),
                    dropout,
                    epsilon(),
                    clipQuantile == null ? OptionalDouble.empty() : OptionalDouble.of(clipQuantile),
                    mergeRule,
                    seed == null ? OptionalLong.empty() : OptionalLong.of(seed),
                    folder);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private Task task(String word) {
        return switch (word) {
            case "text-classification" -> Task.TEXT_CLASSIFICATION;
            case "causal-lm" -> Task.CAUSAL_LM;
            default ->
                throw new IllegalArgumentException("--task is text-classification or causal-lm, not '" + word + "'");
        };
    }

    private OptionalDouble epsilon() {
        if (epsilon.equalsIgnoreCase("off")) {
            return OptionalDouble.empty();
        }
        try {
            return OptionalDouble.of(Double.parseDouble(epsilon));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--epsilon is a number or off, not '" + epsilon + "'");
        }
    }
}
