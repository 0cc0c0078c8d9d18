package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        Process demo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Coppice.class.getName(),
                        "demo",
                        "--devices",
                        "16",
                        "--rounds",
                        "50",
                        "--seed",
                        "3",
                        "--out",
                        out.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            waitFor(demo, output, "round 2 of 50");
            List<ProcessHandle> children = demo.descendants().toList();
            assertThat(children).as("aggregator and signer").hasSize(2);

            new ProcessBuilder("kill", "-INT", Long.toString(demo.pid()))
                    .start()
                    .waitFor();

            assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).isEqualTo(130);
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(output)
                    .content(StandardCharsets.UTF_8)
                    .contains("stopped; what there is so far lies in " + out)
                    .doesNotContain("Exception", "failed:");
        } finally {
            demo.destroyForcibly().waitFor();
        }
    }

    private static void waitFor(Process process, Path output, String words) throws Exception {
        long end = System.nanoTime() + LONG.toNanos();
        while (!Files.readString(output).contains(words)) {
            assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
            assertThat(System.nanoTime()).as("time for: " + words).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
