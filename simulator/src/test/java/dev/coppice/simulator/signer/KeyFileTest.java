package dev.coppice.simulator.signer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.trust.Signatory;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Private keys at rest: for the owner of the file who knows the passphrase, and nobody else. */
class KeyFileTest {
    private static final char[] PASSPHRASE = "correct horse battery".toCharArray();

    @TempDir
    Path folder;

    private final Signatory holder = Signatory.generate(new SeededBytes(1)::fill);
    private Path file;

    @BeforeEach
    void written() throws Exception {
        file = folder.resolve("root-1.pem");
        KeyFile.write(file, holder, PASSPHRASE, new SeededBytes(2)::fill);
    }

    @Test
    void keysComeBackByTheirPassphrase() throws Exception {
        try (Signatory read = KeyFile.read(file, PASSPHRASE)) {
            assertThat(read.keys()).isEqualTo(holder.keys());
        }
    }

    @Test
    void anotherPassphraseOpensNothing() {
        assertThatThrownBy(() -> KeyFile.read(file, "correct horse batterz".toCharArray()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("passphrase");
    }

    @Test
    void theSecretIsNotInTheFileAndTheFileIsForItsOwner() throws Exception {
        String text = Files.readString(file);
        StringBuilder content = new StringBuilder();
        for (String block : text.split("-----[A-Z ]+-----", -1)) {
            content.append(HexFormat.of().formatHex(Base64.getMimeDecoder().decode(block)));
        }
        try (var secret = holder.secret()) {
            String hex = secret.use(HexFormat.of()::formatHex);
            assertThat(content).doesNotContain(hex.substring(0, 16), hex.substring(64, 80));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aFileThatIsThereIsNotWrittenOver() throws Exception {
        String before = Files.readString(file);
        assertThatThrownBy(() -> KeyFile.write(file, holder, PASSPHRASE, new SeededBytes(3)::fill))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent(before);
    }

    @Test
    void whatIsNoKeyFileIsRefused() throws Exception {
        String text = Files.readString(file);
        for (String bad :
                new String[] {"", text.substring(0, text.indexOf("-----END") + 40), text.replace("MI", "AA")}) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> KeyFile.read(file, PASSPHRASE)).isInstanceOf(IOException.class);
        }
    }
}
