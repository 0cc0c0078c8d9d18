package dev.coppice.simulator.cli;

import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.scenario.ScenarioRefusedException;
import dev.coppice.simulator.simulation.Helping;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code coppice simulate worker}: plays devices for a simulation on another machine. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        header = "Plays devices for a simulation that is led elsewhere with --workers kafka, until it is ended.",
        description = {
            "Any number of workers share a fleet, and may come and go: what a killed one had begun, another does. Needs the",
            "same scenario, data and model as the simulation, and the same --seed and --trust-sum."
        },
        footerHeading = "%nExample:%n",
        footer = "  coppice simulate worker simulator/scenarios/phones.yaml --trust-sum --kafka localhost:9092")
final class WorkerCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SCENARIO.yaml", description = "what is played")
    private Path scenario = Path.of("");

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            defaultValue = "coppice-simulation/worker",
            description = "for training kits (default: ${DEFAULT-VALUE})")
    private Path folder = Path.of("");

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "that train, each with a native session of its own (default: one for each core)")
    private @Nullable Integer threads;

    @Option(names = "--seed", paramLabel = "S", description = "in place of the scenario's")
    private @Nullable Long seed;

    @Option(names = "--trust-sum", description = "as the simulation has it")
    private boolean trustSum;

    @Override
    public Integer call() {
        Screen screen = new Screen(System.out, false, Terminal.columns(), InstantSource.system());
        try {
            Scenario read = Scenario.read(scenario);
            Privacy privacy = trustSum ? Privacy.TRUST_SUM : read.privacy();
            new Helping(read, privacy, seed == null ? read.seed() : seed, screen)
                    .serve(
                            threads == null ? Runtime.getRuntime().availableProcessors() : threads,
                            folder,
                            kafka.read().orElseThrow(() -> new IllegalArgumentException("say --kafka SERVERS")));
            return 0;
        } catch (ScenarioRefusedException | IllegalArgumentException e) {
            System.err.println("coppice: " + e.getMessage());
            return 2;
        } catch (IOException e) {
            System.err.println("coppice: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            return 1;
        }
    }
}
