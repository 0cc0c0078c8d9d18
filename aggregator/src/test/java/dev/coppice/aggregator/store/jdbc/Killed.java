package dev.coppice.aggregator.store.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Small processes that are killed while they work. */
final class Killed {
    private Killed() {}

    /**
     * What a process printed until it was killed, which is some time after it printed anything.
     *
     * @param main its class
     * @param argument its only one
     * @param told file for what it prints; what else it says goes beside it
     * @return lines, of which the last may be cut off
     */
    static List<String> told(Class<?> main, Path argument, Path told, long millis)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        argument.toString())
                .redirectOutput(told.toFile())
                .redirectError(told.resolveSibling(told.getFileName() + ".log").toFile())
                .start();
        while (Files.size(told) == 0 && process.isAlive()) {
            Thread.sleep(10);
        }
        process.waitFor(millis, TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        return Files.readAllLines(told);
    }
}
