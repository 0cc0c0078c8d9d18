package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGINT to send")
class InterruptTest {
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    @Test
    void ctrlCStopsARunningDemoAndLeavesNoProcess() throws Exception {
        Path output = folder.resolve("output");
        Path out = folder.resolve("out");
        try (CoppiceProcess demo = new CoppiceProcess(
                output, "demo", "--devices", "16", "--rounds", "50", "--seed", "3", "--out", out.toString())) {
            demo.waitFor("round 2 of 50", LONG);
            List<ProcessHandle> children = demo.process().descendants().toList();
            assertThat(children).as("aggregator and signer").hasSize(2);

            demo.signal("INT");

            assertThat(demo.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.process().exitValue()).isEqualTo(130);
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(output)
                    .content(StandardCharsets.UTF_8)
                    .contains("stopped; what there is so far lies in " + out)
                    .doesNotContain("Exception", "failed:");
        }
    }
}
