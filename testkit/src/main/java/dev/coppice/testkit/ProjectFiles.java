package dev.coppice.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project's own files are, from whichever module the tests run. */
public final class ProjectFiles {
    private ProjectFiles() {}

    /**
     * The folder of the root {@code pom.xml}, absolute.
     *
     * @throws IllegalStateException if no folder above the working directory is the project's root
     */
    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("pom.xml")) && Files.isDirectory(folder.resolve("testkit"))) {
                return folder;
            }
        }
        throw new IllegalStateException("Not inside the project: " + start);
    }
}
