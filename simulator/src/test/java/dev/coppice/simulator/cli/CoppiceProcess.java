package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command in a process of its own, with all that it says in a file. */
final class CoppiceProcess implements AutoCloseable {
    private static final int KILLED = 128 + 9;

    private final Process process;
    private final Path output;

    CoppiceProcess(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Coppice.class.getName()));
        command.addAll(List.of(arguments));
        this.output = output;
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    Process process() {
        return process;
    }

    void waitFor(String words, Duration longest) throws Exception {
        long end = System.nanoTime() + longest.toNanos();
        while (!Files.readString(output).contains(words)) {
            assertThat(process.isAlive()).as(Files.readString(output)).isTrue();
            assertThat(System.nanoTime()).as("time for: " + words).isLessThan(end);
            Thread.sleep(50);
        }
    }

    /** Kills it as the system does, and waits for its end. */
    void kill() throws Exception {
        signal("KILL");
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(KILLED);
    }

    void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
