package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyVaultTest {
    private static final String SECRET_TEXT = "my doctor says";

    @TempDir
    Path home;

    @Test
    void nothingThatWasSaidIsOnTheDiskInTheClear() throws IOException {
        write(KeyVault.inHome());
        byte[] bytes = Files.readAllBytes(home.resolve("examples"));
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("doctor", "says", "label");
        assertThat(read(KeyVault.inHome())).extracting(Example::text).containsExactly(SECRET_TEXT);
    }

    @Test
    void filesOfAnotherHomeAreRefusedAndLeftAsTheyAre() throws IOException {
        write(KeyVault.inHome());
        byte[] before = Files.readAllBytes(home.resolve("examples"));
        Files.delete(home.resolve("key"));
        assertThatThrownBy(() -> read(KeyVault.inHome()))
                .isInstanceOf(StoreBrokenException.class)
                .hasMessageContaining("does not open with this home's key");
        assertThat(Files.readAllBytes(home.resolve("examples"))).isEqualTo(before);
    }

    @Test
    void aKeystoreOpensWithItsPassphraseOnly() throws IOException {
        Path file = home.resolve("agent.p12");
        write(vault(file, "correct horse"));
        assertThat(read(vault(file, "correct horse"))).hasSize(1);
        assertThat(home.resolve("key")).doesNotExist();
        assertThatThrownBy(() -> read(vault(file, "wrong horse")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the passphrase does not open the keystore agent.p12")
                .hasMessageNotContaining("wrong horse");
    }

    @Test
    void aKeystoreThatIsNoneIsRefused() throws IOException {
        Path file = home.resolve("agent.p12");
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> read(vault(file, "any"))).isInstanceOf(StoreBrokenException.class);
        Files.write(home.resolve("key"), new byte[31]);
        assertThatThrownBy(() -> read(KeyVault.inHome())).isInstanceOf(StoreBrokenException.class);
    }

    @Test
    void aPassphraseIsWipedOnceItWasUsed() throws IOException {
        char[] passphrase = "correct horse".toCharArray();
        write(KeyVault.pkcs12(home.resolve("agent.p12"), () -> passphrase));
        assertThat(new String(passphrase)).isBlank();
    }

    private void write(KeyVault vault) throws IOException {
        try (StorageKey key = HomeKey.open(home, vault);
                ExampleStore store = ExampleStore.open(home.resolve("examples"), key)) {
            store.add(List.of(new KeptExample(new Example(SECRET_TEXT, "label"), Instant.EPOCH, false)));
        }
    }

    private List<Example> read(KeyVault vault) throws IOException {
        try (StorageKey key = HomeKey.open(home, vault);
                ExampleStore store = ExampleStore.open(home.resolve("examples"), key)) {
            return store.training();
        }
    }

    private static KeyVault vault(Path file, String passphrase) {
        return KeyVault.pkcs12(file, passphrase::toCharArray);
    }
}
