package dev.coppice.aggregator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds of blobs wherever they are. */
public abstract class BlobContract {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    protected Path home;

    private BlobStore blobs;

    /** The blobs of one process, which knows nothing yet. */
    protected abstract BlobStore open();

    /** Changes what is stored. */
    protected abstract void damage(String sha256) throws IOException;

    @BeforeEach
    void start() {
        blobs = open();
    }

    @Test
    void aBlobIsFoundByItsHashHoweverOftenItIsStored() throws Exception {
        String sha256 = blobs.put(CONTENT);
        assertThat(blobs.put(CONTENT)).isEqualTo(sha256);
        assertThat(blobs.read(sha256)).isEqualTo(CONTENT);
        assertThat(open().read(sha256)).isEqualTo(CONTENT);
        assertThat(blobs.find("0".repeat(64))).isEmpty();
        assertThatThrownBy(() -> blobs.read("0".repeat(64))).isInstanceOf(IOException.class);
    }

    @Test
    void allThatWereStoredAreListedAndNothingElse() throws Exception {
        String one = blobs.put(CONTENT);
        String other = blobs.put(new byte[100_000]);
        assertThat(blobs.all()).contains(one, other).allMatch(name -> name.matches("[0-9a-f]{64}"));
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
        String sha256 = blobs.put(new byte[] {7, 7});
        damage(sha256);
        BlobStore fresh = open();
        assertThatThrownBy(() -> fresh.read(sha256))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }
}
