package dev.coppice.aggregator.fleet;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.coppice.aggregator.Application;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real aggregator in a JVM of its own, to be killed and started again on the same home and port. */
public final class AggregatorProcess implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofMinutes(3);

    /** Quick to start, as tests have it. */
    private static final List<String> SMALL = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

    private final Class<?> main;
    private final Path home;
    private final List<String> jvm;
    private final List<String> options;
    private final Map<String, String> environment;
    private final Path log;
    private Process process;
    private final int port;

    public AggregatorProcess(Path folder) throws IOException {
        this(folder, List.of(), Map.of());
    }

    /** As a command line with more options and variables. */
    public AggregatorProcess(Path folder, List<String> options, Map<String, String> environment) throws IOException {
        this(folder, SMALL, options, environment);
    }

    /** In a JVM with these settings. */
    public AggregatorProcess(Path folder, List<String> jvm, List<String> options, Map<String, String> environment)
            throws IOException {
        this(Application.class, folder, jvm, options, environment);
    }

    /** Within something of the tests that starts it. */
    public AggregatorProcess(
            Class<?> main, Path folder, List<String> jvm, List<String> options, Map<String, String> environment)
            throws IOException {
        this.main = main;
        this.home = folder.resolve("home");
        this.jvm = jvm;
        this.options = options;
        this.environment = environment;
        Files.createDirectories(folder);
        this.log = folder.resolve("aggregator.log");
        this.process = launch(0);
        this.port = awaitPort();
    }

    public Path home() {
        return home;
    }

    public long pid() {
        return process.pid();
    }

    /** Of all its threads so far, since it was started last. */
    public long cpuMillis() {
        return process.info().totalCpuDuration().orElseThrow().toMillis();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public Operator operator() throws IOException {
        return new Operator(new Wire(List.of(uri())), token());
    }

    public String token() throws IOException {
        int secrets = options.indexOf("--secrets");
        Path folder = secrets < 0 ? home : Path.of(options.get(secrets + 1));
        return Files.readString(folder.resolve("operator.token"));
    }

    /** {@code kill -9}, and a new start. */
    public synchronized void killAndRestart() throws IOException {
        process.destroyForcibly();
        await(process);
        Files.deleteIfExists(home.resolve("port"));
        process = launch(port);
        awaitPort();
    }

    /** SIGTERM; the exit code. */
    public synchronized int terminate() throws IOException {
        process.destroy();
        await(process);
        return process.exitValue();
    }

    /**
     * Another command of the same command line, such as {@code backup}, until it ends.
     *
     * @return what it printed
     * @throws IOException if it fails, with that
     */
    @CanIgnoreReturnValue
    public static String command(List<String> arguments, Map<String, String> environment) throws IOException {
        Path log = Files.createTempFile("command", ".log");
        try {
            List<String> command = new ArrayList<>(java(Application.class, SMALL));
            command.addAll(arguments);
            Process process = started(command, environment, log);
            await(process);
            String printed = Files.readString(log);
            if (process.exitValue() != 0) {
                throw new IOException(printed);
            }
            return printed;
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /** Everything that it printed. */
    public String output() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    private Process launch(int wanted) throws IOException {
        List<String> command = new ArrayList<>(java(main, jvm));
        command.addAll(List.of("--home", home.toString(), "--port", Integer.toString(wanted)));
        command.addAll(options);
        return started(command, environment, log);
    }

    private static Process started(List<String> command, Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** With the classes that an aggregator has: nothing of the tests, unless it runs within something of theirs. */
    private static List<String> java(Class<?> main, List<String> jvm) throws IOException {
        List<String> classPath = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> main != Application.class || !entry.endsWith("test-classes"))
                .toList();
        List<String> command = new ArrayList<>();
        command.add(javaOfTests());
        if (main == Application.class && jvm.equals(SMALL) && ClassCache.isWanted()) {
            command.addAll(ClassCache.options(jvm, classPath));
        } else {
            command.addAll(jvm);
            command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
        }
        command.add(main.getName());
        return command;
    }

    static String javaOfTests() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private int awaitPort() throws IOException {
        Path file = home.resolve("port");
        long end = System.nanoTime() + START_MAX.toNanos();
        while (!Files.exists(file)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroyForcibly();
                throw new IOException("the aggregator did not start:\n" + output());
            }
            Wire.pause();
        }
        return Integer.parseInt(Files.readString(file));
    }

    private static void await(Process process) throws IOException {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("the aggregator did not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public synchronized void close() {
        process.destroyForcibly();
    }
}
