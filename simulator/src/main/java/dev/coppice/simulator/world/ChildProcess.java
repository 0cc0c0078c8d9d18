package dev.coppice.simulator.world;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own with our class path, killed when it is closed, when we exit and when we are killed. Its output goes
 * to a file.
 */
public final class ChildProcess implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int TAIL_LINES = 12;

    private final String name;
    private final Path log;
    private final Process process;
    private final Thread hook;

    private ChildProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.hook = Thread.ofPlatform().unstarted(this::kill);
    }

    /**
     * Starts a main class in a JVM of its own.
     *
     * @param name what messages call it, for example {@code aggregator}
     * @param log file that takes its output
     * @param jvmFlags on top of those that we were started with
     */
    public static ChildProcess start(String name, Path log, List<String> jvmFlags, String mainClass, List<String> args)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        System.getProperties().stringPropertyNames().stream()
                .filter(key -> key.startsWith("org.bytedeco.") || key.startsWith("ai.djl.") || key.startsWith("DJL_"))
                .forEach(key -> command.add("-D" + key + "=" + System.getProperty(key)));
        command.addAll(jvmFlags);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Leash.class.getName());
        command.add(mainClass);
        command.addAll(args);
        Files.createDirectories(log.toAbsolutePath().getParent());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ChildProcess child = new ChildProcess(name, log, process);
        try {
            Runtime.getRuntime().addShutdownHook(child.hook);
        } catch (IllegalStateException e) { // we are already going down
            child.kill();
            throw new IOException("stopped before the " + name + " started", e);
        }
        return child;
    }

    public boolean alive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /**
     * Fails when the child has ended, with the last lines of its output.
     *
     * @throws IOException when it is not running any more
     */
    public void mustBeAlive() throws IOException {
        if (!alive()) {
            throw new IOException("the " + name + " ended with exit code " + process.exitValue() + "; the end of " + log
                    + ":\n" + tail());
        }
    }

    /**
     * Fails when the child has ended otherwise than well, with the last lines of its output.
     *
     * @throws IOException when its exit code is not 0
     */
    public void mustNotHaveFailed() throws IOException {
        if (!alive() && process.exitValue() != 0) {
            mustBeAlive();
        }
    }

    /**
     * Waits for the child to end by itself.
     *
     * @return its exit code
     * @throws IOException when it runs for longer; it is killed then
     */
    public int await(Duration limit) throws IOException, InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new IOException("the " + name + " was not done after " + limit.toSeconds() + " s; the end of " + log
                    + ":\n" + tail());
        }
        return process.exitValue();
    }

    /** Ends the child, kindly at first; returns when it is gone. Closing twice is harmless. */
    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // we are going down: the hook finds nothing to do
        }
    }

    private String tail() throws IOException {
        List<String> lines =
                Files.readString(log, StandardCharsets.UTF_8).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    private void kill() {
        process.destroy();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
