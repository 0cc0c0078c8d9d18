package dev.coppice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutFolderTest {
    @TempDir
    private Path folder;

    @Test
    void aFolderThatIsNotThereIsMade() throws Exception {
        OutFolder out = OutFolder.prepare(folder.resolve("a/b"));

        assertThat(out.path()).isDirectory();
    }

    @Test
    void whatSomebodyElsePutThereStays() throws Exception {
        Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");

        OutFolder.prepare(folder);

        assertThat(notes).hasContent("mine");
    }

    @Test
    void whereNamesCollideNothingIsTouchedAndTheRunIsRefused() throws Exception {
        Path report = Files.writeString(folder.resolve("report.html"), "my own report");

        assertThatThrownBy(() -> OutFolder.prepare(folder))
                .isInstanceOf(DemoRefusedException.class)
                .hasMessageContaining("report.html")
                .hasMessageContaining("choose another folder");
        assertThat(report).hasContent("my own report");
        assertThat(folder).isDirectoryNotContaining("glob:**.coppice-demo");
    }

    @Test
    void whatAnEarlierRunLeftIsReplaced() throws Exception {
        OutFolder earlier = OutFolder.prepare(folder);
        Files.writeString(earlier.summary(), "{}");
        Files.createDirectories(earlier.device(3));
        Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");

        OutFolder out = OutFolder.prepare(folder);

        assertThat(out.summary()).doesNotExist();
        assertThat(out.device(3)).doesNotExist();
        assertThat(notes).exists();
    }

    @Test
    void aFileIsNoFolder() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> OutFolder.prepare(file)).hasMessageContaining("is a file, not a folder");
    }
}
