package dev.coppice.aggregator.fleet;

import dev.coppice.aggregator.Application;
import java.io.File;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * What aggregators of tests start with in less than half of the time: their classes in jars, and a cache of them loaded (JEP 514), in
 * {@code target/fleet}. Made anew when a class is newer. With {@code -Dfleet.cache=true}: it does not pay for one test alone.
 */
final class ClassCache {
    private static final Path FOLDER = Path.of("target", "fleet").toAbsolutePath();
    private static final Path CACHE = FOLDER.resolve("classes.aot");

    private ClassCache() {}

    /** Whether there is to be one at all. */
    static boolean isWanted() {
        return Boolean.getBoolean("fleet.cache");
    }

    /**
     * Options of a JVM that starts an aggregator, its class path included. For any number of threads and processes.
     *
     * @param jvm other options, the same each time
     * @param classPath folders and jars
     */
    static synchronized List<String> options(List<String> jvm, List<String> classPath) throws IOException {
        Files.createDirectories(FOLDER);
        try (FileChannel file =
                        FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.lock()) {
            assert lock.isValid();
            List<String> jars = jars(classPath);
            List<String> options = new ArrayList<>(jvm);
            if (!Files.exists(CACHE)) {
                rehearse(jvm, jars);
            }
            if (Files.exists(CACHE)) {
                options.add("-XX:AOTCache=" + CACHE);
            }
            options.addAll(List.of("-cp", String.join(File.pathSeparator, jars)));
            return options;
        }
    }

    /** The same, with jars in place of folders. */
    private static List<String> jars(List<String> classPath) throws IOException {
        List<String> jars = new ArrayList<>();
        for (String entry : classPath) {
            Path folder = Path.of(entry);
            if (entry.isEmpty()) {
                continue; // the working directory, of which nothing is wanted
            }
            if (!Files.isDirectory(folder)) {
                jars.add(entry);
                continue;
            }
            Path jar = FOLDER.resolve(jars.size() + ".jar");
            if (!Files.exists(jar)
                    || newest(folder) > Files.getLastModifiedTime(jar).toMillis()) {
                pack(folder, jar);
                Files.deleteIfExists(CACHE);
            }
            jars.add(jar.toString());
        }
        return jars;
    }

    private static long newest(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(file -> file.toFile().lastModified()).max().orElse(0);
        }
    }

    private static void pack(Path folder, Path jar) throws IOException {
        ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        if (tool.run(out, out, "--create", "--file", jar.toString(), "-C", folder.toString(), ".") != 0) {
            throw new IOException("no jar of " + folder);
        }
    }

    /** An aggregator that starts, and stops when it has. Without a cache afterwards, aggregators just start more slowly. */
    private static void rehearse(List<String> jvm, List<String> jars) throws IOException {
        Path home = Files.createTempDirectory(FOLDER, "home");
        Path made = FOLDER.resolve("made.aot");
        List<String> command = new ArrayList<>();
        command.add(AggregatorProcess.javaOfTests());
        command.addAll(jvm);
        command.addAll(List.of("-XX:AOTCacheOutput=" + made, "-cp", String.join(File.pathSeparator, jars)));
        command.addAll(List.of(Application.class.getName(), "--home", home.toString(), "--port", "0"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(FOLDER.resolve("rehearsal.log").toFile())
                .start();
        try {
            for (int i = 0; i < 1_000 && process.isAlive() && !Files.exists(home.resolve("port")); i++) {
                Wire.pause();
            }
            process.destroy();
            if (process.waitFor(1, TimeUnit.MINUTES) && Files.exists(made)) {
                Files.move(made, CACHE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
