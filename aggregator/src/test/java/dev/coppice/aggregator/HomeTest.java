package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys and token: made once, for their owner's eyes only. */
class HomeTest {
    @TempDir
    Path folder;

    private Home home;

    @BeforeEach
    void open() throws Exception {
        home = new Home(folder, new SeededBytes(1)::fill);
    }

    @Test
    void othersOnTheMachineCannotReadKeysOrToken() throws Exception {
        home.key("server.key").close();
        home.operatorToken();
        for (Path secret : new Path[] {folder.resolve("keys/server.key"), folder.resolve("operator.token")}) {
            if (secret.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                assertThat(Files.getPosixFilePermissions(secret).toString())
                        .as(secret.toString())
                        .doesNotContain("GROUP", "OTHERS");
            }
        }
    }

    @Test
    void aKeyIsTheSameAfterARestartAndAnotherForEachName() throws Exception {
        Home restarted = new Home(folder, new SeededBytes(2)::fill);
        try (SigningKey first = home.key("server.key");
                SigningKey again = restarted.key("server.key");
                SigningKey other = restarted.key("enrolment.key")) {
            assertThat(again.verifyingKey()).isEqualTo(first.verifyingKey());
            assertThat(other.verifyingKey()).isNotEqualTo(first.verifyingKey());
        }
    }

    @Test
    void aTokenHasNoPrintableForm() throws Exception {
        String printed = home.operatorToken().toString();
        assertThat(printed).doesNotContain(Files.readString(folder.resolve("operator.token")));
    }

    /** Or else a file that was cut short would be a short secret. */
    @Test
    void aDamagedKeyOrTokenIsRefused() throws Exception {
        home.key("server.key").close();
        home.operatorToken();
        Files.write(folder.resolve("keys/server.key"), new byte[31]);
        Files.writeString(folder.resolve("operator.token"), "0".repeat(63));
        assertThatThrownBy(() -> home.key("server.key")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> home.operatorToken()).isInstanceOf(IOException.class);
    }
}
