package dev.coppice.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An aggregator in a process of its own, and what the system says of that. */
final class MeasuredAggregator implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofMinutes(3);

    private final Process process;
    private final Path home;
    private final double readySeconds;
    private final double readyCpuSeconds;

    private MeasuredAggregator(Process process, Path home, double readySeconds, double readyCpuSeconds) {
        this.process = process;
        this.home = home;
        this.readySeconds = readySeconds;
        this.readyCpuSeconds = readyCpuSeconds;
    }

    /** Starts one, on this process's class path, and waits until it answers. */
    static MeasuredAggregator start(Path home, List<String> jvm, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("dev.coppice.aggregator.Application", "--home", home.toString(), "--port", "0"));
        Files.createDirectories(home);
        Files.deleteIfExists(home.resolve("port"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()));
        builder.environment().putAll(environment);
        long before = System.nanoTime();
        Process process = builder.start();
        while (!Files.exists(home.resolve("port"))) {
            if (!process.isAlive() || System.nanoTime() - before > START_MAX.toNanos()) {
                process.destroyForcibly();
                throw new IOException("the aggregator did not start; its log is " + home.resolve("log"));
            }
            Thread.sleep(2);
        }
        double seconds = (System.nanoTime() - before) / 1e9;
        return new MeasuredAggregator(process, home, seconds, cpuSeconds(process));
    }

    private static double cpuSeconds(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    }

    double readySeconds() {
        return readySeconds;
    }

    double readyCpuSeconds() {
        return readyCpuSeconds;
    }

    double cpuSeconds() {
        return cpuSeconds(process);
    }

    int port() throws IOException {
        return Integer.parseInt(Files.readString(home.resolve("port")).trim());
    }

    URI address() throws IOException {
        return URI.create("http://127.0.0.1:" + port());
    }

    String token() throws IOException {
        return Files.readString(home.resolve("operator.token")).trim();
    }

    /** All that is resident, in MiB. */
    double residentMiB() throws IOException {
        return ProcessMemory.resident(process.pid());
    }

    /** Asks it to stop, and waits until it has; seconds. */
    double stop() throws IOException, InterruptedException {
        long before = System.nanoTime();
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IOException("the aggregator did not stop");
        }
        return (System.nanoTime() - before) / 1e9;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
