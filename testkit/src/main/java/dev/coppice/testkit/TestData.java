package dev.coppice.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Files that tests read but the repository does not hold, such as published vectors and data sets.
 *
 * <p>They are looked for under the environment variable {@code COPPICE_TESTDATA}, or else in a folder named
 * {@code shared} beside the project. A test that needs an absent one is skipped with the reason, not failed: what it
 * checks must also be checked by some rows that the repository does hold.
 */
public final class TestData {
    private TestData() {}

    /**
     * The file or folder {@code relative}, which exists.
     *
     * @param relative path below the test data's root, such as {@code vectors/hpke-rfc9180}
     * @throws org.opentest4j.TestAbortedException if there is none: JUnit reports the test as skipped
     */
    public static Path find(String relative) {
        Path file = root().resolve(relative);
        if (!Files.exists(file)) {
            Assumptions.abort("No test data at " + file + "; set COPPICE_TESTDATA to its root to run this test");
        }
        return file;
    }

    private static Path root() {
        String set = System.getenv("COPPICE_TESTDATA");
        return set == null || set.isBlank()
                ? ProjectFiles.root().resolveSibling("shared")
                : Path.of(set).toAbsolutePath();
    }
}
