package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.simulator.Progress;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.simulation.Simulation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGKILL to send")
class SimulateKillTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int KILLED = 128 + 9;
    private static final int ROUNDS = 8;
    private static final String SCENARIO = """
            data: {devices: 16}
            adapter: {rank: 2, batch: 4, length: 16, targets: [q_proj]}
            behaviour: {dropout: 0.1}
            task:
              rounds: %d
              localSteps: 1
              learningRate: 0.01
              examplesMin: 1
              clipNorm: 1
              epsilon: 8
              delta: 1.0e-8
              cohort: {min: 8, max: 12, dropoutBound: 0.3, corruptionBound: 0.05}
              serverOptimizer: {kind: fedadam, learningRate: 0.01, momentum: 0.9}
              phaseSeconds: {advertise: 600, shares: 60, masked: 60, unmask: 60}
            judging: {every: 2, examplesMax: 40, devicesMax: 4}
            """.formatted(ROUNDS);

    @TempDir
    private Path folder;

    /** On two workers until the kill and on one after it, where nothing but the disk goes on. */
    @Test
    void aRunThatIsKilledByTheSystemAndResumedEndsAsOneThatWasLeftAlone() throws Exception {
        Path scenario = Files.writeString(folder.resolve("killed.yaml"), SCENARIO);
        Path out = folder.resolve("killed");
        try (CoppiceProcess run = new CoppiceProcess(
                folder.resolve("output"),
                "simulate",
                scenario.toString(),
                "--out",
                out.toString(),
                "--trust-sum",
                "--workers",
                "2")) {
            run.waitFor("round 2/" + ROUNDS, LONG);
            run.signal("KILL");
            assertThat(run.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(run.process().exitValue()).isEqualTo(KILLED);
        }
        assertThat(out.resolve("report.html")).doesNotExist();

        play(scenario, out, true);
        Path whole = folder.resolve("whole");
        play(scenario, whole, false);
        for (String file : new String[] {"adapter-seed-1.safetensors", "metrics.jsonl", "rounds.csv", "devices.csv"}) {
            assertThat(out.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    private static void play(Path scenario, Path out, boolean resume) throws Exception {
        Simulation.Settings settings = new Simulation.Settings(Privacy.TRUST_SUM, 1, 1, 1, resume);
        new Simulation(Scenario.read(scenario), out, settings, Progress.silent(), InstantSource.system()).run();
    }
}
