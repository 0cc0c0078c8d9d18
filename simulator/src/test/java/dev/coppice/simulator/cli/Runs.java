package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.simulator.Progress;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.simulation.Simulation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Runs of a scenario in this process, and whether two ended alike. */
final class Runs {
    private Runs() {}

    /** Plays a scenario on one worker, or on whoever works at {@code kafka}. */
    static void play(Path scenario, Path out, boolean resume, Optional<Properties> kafka) throws Exception {
        Simulation.Settings settings = new Simulation.Settings(Privacy.TRUST_SUM, 1, 1, 1, resume, kafka);
        new Simulation(Scenario.read(scenario), out, settings, Progress.silent(), InstantSource.system()).run();
    }

    /** That the runs in these folders left the same files, byte for byte. */
    static void assertAlike(Path one, Path other) {
        for (String file : List.of("adapter-seed-1.safetensors", "metrics.jsonl", "rounds.csv", "devices.csv")) {
            assertThat(one.resolve(file)).hasSameBinaryContentAs(other.resolve(file));
        }
    }
}
