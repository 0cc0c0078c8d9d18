package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.simulator.Progress;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.scenario.Scenario;
import dev.coppice.simulator.simulation.Helping;
import dev.coppice.testkit.Broker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A fleet that several processes share through a real broker. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGKILL to send")
class SharedFleetTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final String SCENARIO = """
            data: {devices: 120}
            adapter: {rank: 2, batch: 4, length: 16, targets: [q_proj]}
            behaviour: {dropout: 0.1}
            attack: {name: sign-flip, share: 0.1}
            task:
              rounds: 3
              localSteps: 1
              learningRate: 0.01
              examplesMin: 1
              clipNorm: 1
              epsilon: 8
              delta: 1.0e-8
              cohort: {min: 60, max: 100, groupSize: 30, dropoutBound: 0.3, corruptionBound: 0.05}
              serverOptimizer: {kind: fedavg, learningRate: 1, momentum: 0}
              phaseSeconds: {advertise: 600, shares: 60, masked: 60, unmask: 60}
            judging: {every: 1, examplesMax: 40, devicesMax: 4}
            """;

    @TempDir
    private Path folder;

    /** The killed one has taken a piece when it dies: the group gives it to the other. */
    @Test
    void itEndsAsOnOneMachineThoughAWorkerIsKilledInTheMiddle() throws Exception {
        Path scenario = Files.writeString(folder.resolve("shared.yaml"), SCENARIO);
        Map<String, String> timeouts = Map.of("session.timeout.ms", "1000", "heartbeat.interval.ms", "300");
        Path config = Files.write(
                folder.resolve("kafka.properties"),
                timeouts.entrySet().stream().map(Object::toString).toList());
        try (Broker broker = new Broker(folder.resolve("broker"));
                ExecutorService threads = Executors.newCachedThreadPool()) {
            Properties kafka = broker.client();
            kafka.putAll(timeouts);
            Path shared = folder.resolve("shared");
            Future<?> led;
            try (CoppiceProcess worker = new CoppiceProcess(
                    folder.resolve("output"),
                    "simulate",
                    "worker",
                    scenario.toString(),
                    "--trust-sum",
                    "--folder",
                    folder.resolve("worker").toString(),
                    "--kafka",
                    broker.bootstrap(),
                    "--kafka-config",
                    config.toString())) {
                led = threads.submit(() -> {
                    Runs.play(scenario, shared, false, Optional.of(kafka));
                    return null;
                });
                worker.waitFor("round 1: ", LONG);
                worker.kill();
            }
            assertThat(led.isDone()).isFalse();
            Future<?> helping = threads.submit(() -> {
                new Helping(Scenario.read(scenario), Privacy.TRUST_SUM, 1, Progress.silent())
                        .serve(1, folder.resolve("other"), kafka);
                return null;
            });
            led.get(LONG.toSeconds(), TimeUnit.SECONDS);
            helping.cancel(true);

            Path whole = folder.resolve("whole");
            Runs.play(scenario, whole, false, Optional.empty());
            Runs.assertAlike(shared, whole);
        }
    }
}
