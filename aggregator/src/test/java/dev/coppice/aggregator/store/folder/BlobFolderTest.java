package dev.coppice.aggregator.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobFolderTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    Path home;

    private BlobFolder blobs;

    @BeforeEach
    void open() {
        blobs = new BlobFolder(home.resolve("blobs"));
    }

    @Test
    void aBlobIsFoundByItsHashHoweverOftenItIsStored() throws Exception {
        String sha256 = blobs.put(CONTENT);
        assertThat(blobs.put(CONTENT)).isEqualTo(sha256);
        assertThat(blobs.read(sha256)).isEqualTo(CONTENT);
        assertThat(blobs.find("0".repeat(64))).isEmpty();
    }

    /** Names come from devices and operators; keys and the operator's token lie beside the blobs. */
    @Test
    void noNameLeadsOutOfTheFolder() throws Exception {
        blobs.put(CONTENT);
        Files.writeString(home.resolve("operator.token"), "secret");
        Path absolute = home.resolve("operator.token").toAbsolutePath();
        for (String name : List.of("../operator.token", "../../operator.token", absolute.toString(), "..", "x", "")) {
            assertThat(blobs.find(name)).as(name).isEmpty();
        }
    }

    @Test
    void aBlobThatWasChangedIsNotRead() throws Exception {
        String sha256 = blobs.put(CONTENT);
        Files.write(blobs.find(sha256).orElseThrow(), new byte[] {1, 2, 4});
        assertThatThrownBy(() -> blobs.read(sha256))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }
}
