package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGKILL to send")
class SimulateKillTest {
    private static final Duration LONG = Duration.ofSeconds(90);
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
            run.kill();
        }
        assertThat(out.resolve("report.html")).doesNotExist();

        Runs.play(scenario, out, true, Optional.empty());
        Path whole = folder.resolve("whole");
        Runs.play(scenario, whole, false, Optional.empty());
        Runs.assertAlike(out, whole);
    }
}
