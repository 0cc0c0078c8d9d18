package dev.coppice.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.testkit.ProjectFiles;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What an app downloads with the one dependency: natives differ from one platform to the next. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class SizeTest {
    private static final long MEGABYTE = 1_000_000;

    /** The README says 85. */
    private static final long MOST = 85 * MEGABYTE;

    @Test
    void anAppWithAnAgentIsAsLargeAsTheReadmeSays() throws Exception {
        Path root = ProjectFiles.root();
        long bytes = Arrays.stream(Files.readString(root.resolve("device-agent/examples/target/classpath"))
                        .split(File.pathSeparator))
                .mapToLong(entry -> bytes(Path.of(entry.strip())))
                .sum();
        assertThat(bytes).isBetween(MOST * 9 / 10, MOST);
        assertThat(Files.readString(root.resolve("device-agent/README.md"))).contains("at most 85 MB");
    }

    /** Of a jar, or of a module's classes where they are not packed yet. */
    private static long bytes(Path entry) {
        try (Stream<Path> files = Files.walk(entry)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
