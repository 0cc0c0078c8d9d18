package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
    @TempDir
    Path folder;

    @Test
    void aHomeIsClosedToOthersOnTheMachine() throws IOException {
        Path home = folder.resolve("home");
        try (HomeLock lock = HomeLock.take(home)) {
            assertThat(lock).isNotNull();
            if (home.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                assertThat(Files.getPosixFilePermissions(home).toString()).doesNotContain("GROUP", "OTHERS");
            }
        }
    }
}
