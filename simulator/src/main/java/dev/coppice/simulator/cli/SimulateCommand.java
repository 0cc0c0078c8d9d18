package dev.coppice.simulator.cli;

import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.online.OnlineReport;
import dev.coppice.simulator.online.OnlineTable;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import dev.coppice.simulator.simulation.Simulation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice simulate}: a scenario file in, a folder of figures and a report out. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Plays a fleet of thousands of devices in one process, from one seed.",
        description = {
            "Plays a scenario: the agent's own code on each device, the masking protocol and the aggregator's rules,"
                    + " under a",
            "virtual clock and network. The same seed gives the same result to the bit, on any number of workers.",
            "Writes report.html, metrics.jsonl, CSV files, the adapter, and the task for a real aggregator (task.json)."
        },
        subcommands = {CompareCommand.class, LearnCommand.class, SweepCommand.class, WorkerCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  coppice simulate simulator/scenarios/first-steps.yaml --out run1",
            "  coppice simulate simulator/scenarios/phones.yaml --out run2 --seeds 3",
            "  coppice simulate simulator/scenarios/phones.yaml --out run3 --trust-sum    faster: sums in the clear",
            "  coppice simulate simulator/scenarios/phones.yaml --out run2 --resume       goes on after a kill",
            "  coppice simulate simulator/scenarios/phones.yaml --out run4 --trust-sum --workers kafka --kafka localhost:9092",
            "  coppice simulate simulator/scenarios/acceptance.yaml --over-http http://localhost:8080 --out run6 \\",
            "      --token-file coppice-aggregator/operator.token     exit code 1: the aggregator did not do as it should",
            "  coppice simulate compare run1 run2",
            "  coppice simulate learn --task task.json --data texts.jsonl --model models/pico --out run5",
            "  coppice simulate sweep rates.json --model models/pico --devices 100 --out rates"
        })
final class SimulateCommand implements Callable<Integer> {
    private static final String KAFKA = "kafka";
    private static final DateTimeFormatter FOLDER = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss");

    @Parameters(arity = "0..1", paramLabel = "SCENARIO.yaml", description = "what is played")
    private @Nullable Path scenario;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder for all that the run leaves behind (default: coppice-simulation/<date>-<time>)")
    private @Nullable Path out;

    @Option(
            names = "--workers",
            paramLabel = "N|kafka",
            description = {
                "threads that train, each with a native session of its own (default: one for each core);",
                "kafka: processes that were started with coppice simulate worker, with --trust-sum or without privacy"
            })
    private @Nullable String workers;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Option(names = "--seed", paramLabel = "S", description = "in place of the scenario's")
    private @Nullable Long seed;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "plays so many seeds, one after the other, for bands around the curves (default: 1)")
    private int seeds;

    @Option(
            names = "--trust-sum",
            description = "sums in the clear what the masks would have left: the same result, faster, NOT SECURE")
    private boolean trustSum;

    @Option(names = "--resume", description = "goes on where an earlier run into the same folder was ended")
    private boolean resume;

    @Option(names = "--no-progress", description = "plain lines instead of a live one")
    private boolean noProgress;

    @ArgGroup(exclusive = false, heading = "%nAgainst an aggregator that runs elsewhere:%n")
    private @Nullable OverHttpOptions overHttp;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (scenario == null) {
            throw new ParameterException(
                    spec.commandLine(), "say which scenario, for example simulator/scenarios/first-steps.yaml");
        }
        InstantSource clock = InstantSource.system();
        Path folder = out != null
                ? out
                : Path.of("coppice-simulation", FOLDER.format(clock.instant().atZone(ZoneId.systemDefault())));
        PrintStream terminal = System.out;
        Screen screen = new Screen(terminal, Terminal.interactive() && !noProgress, Terminal.columns(), clock);
        Interruption interruption = Interruption.watch(folder, screen);
        try {
            Scenario read = Scenario.read(scenario);
            if (overHttp != null) {
                return overHttp(overHttp, read, folder, clock, screen, interruption);
            }
            Simulation.Settings settings = new Simulation.Settings(
                    trustSum ? Privacy.TRUST_SUM : read.privacy(),
                    seed == null ? read.seed() : seed,
                    seeds,
                    threads(),
                    resume,
                    brokers());
            new Simulation(read, folder, settings, screen, clock).run();
            interruption.tooLate();
            screen.close();
            terminal.println("report   " + folder.resolve("report.html"));
            terminal.println("figures  " + folder.resolve("metrics.jsonl"));
            return 0;
        } catch (ScenarioRefusedException | IllegalArgumentException e) {
            return interruption.or(() -> failed(screen, e, 2));
        } catch (IOException e) {
            return interruption.or(() -> failed(screen, e, 1));
        } catch (InterruptedException e) {
            return interruption.or(() -> 1);
        } finally {
            interruption.tooLate();
        }
    }

    /** 0: accepted; 1: not. */
    private int overHttp(
            OverHttpOptions options,
            Scenario read,
            Path folder,
            InstantSource clock,
            Screen screen,
            Interruption interruption)
            throws IOException, InterruptedException, ScenarioRefusedException {
        if (trustSum || resume || seeds != 1 || KAFKA.equals(workers)) {
            throw new IllegalArgumentException(
                    "--over-http plays one run with real cryptography: leave --trust-sum, --resume, --seeds and --workers kafka"
                            + " out");
        }
        OnlineReport report = options.play(read, seed == null ? read.seed() : seed, threads(), folder, clock, screen);
        interruption.tooLate();
        screen.close();
        System.out.println();
        OnlineTable.lines(report).forEach(System.out::println);
        System.out.println();
        System.out.println("figures  " + folder.resolve("acceptance.json"));
        return report.accepted() ? 0 : 1;
    }

    private int threads() {
        if (workers == null || workers.equals(KAFKA)) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            return Integer.parseInt(workers);
        } catch (NumberFormatException e) {
            throw new ParameterException(spec.commandLine(), "--workers is a number, or " + KAFKA, e);
        }
    }

    private Optional<Properties> brokers() throws IOException {
        Optional<Properties> cluster = kafka.read();
        if (KAFKA.equals(workers) != cluster.isPresent()) {
            throw new ParameterException(spec.commandLine(), "--workers kafka and --kafka SERVERS go together");
        }
        return cluster;
    }

    private static int failed(Screen screen, Exception cause, int code) {
        screen.close();
        System.err.println("coppice: " + cause.getMessage());
        return code;
    }
}
