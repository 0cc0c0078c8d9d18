package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.aggregator.access.FixedToken;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys and token: made once, for their owner's eyes only. */
class SecretsTest {
    @TempDir
    Path folder;

    private Secrets secrets;

    @BeforeEach
    void open() throws Exception {
        secrets = new Secrets(folder, new SeededBytes(1)::fill);
    }

    @Test
    void othersOnTheMachineCannotReadKeysOrToken() throws Exception {
        secrets.key("server.key").close();
        assertThat(secrets.token("operator.token")).hasSize(64);
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
        Secrets restarted = new Secrets(folder, new SeededBytes(2)::fill);
        try (SigningKey first = secrets.key("server.key");
                SigningKey again = restarted.key("server.key");
                SigningKey other = restarted.key("enrolment.key")) {
            assertThat(again.verifyingKey()).isEqualTo(first.verifyingKey());
            assertThat(other.verifyingKey()).isNotEqualTo(first.verifyingKey());
        }
    }

    @Test
    void aTokenHasNoPrintableForm() throws Exception {
        String printed = FixedToken.ofOperator(secrets.token("operator.token")).toString();
        assertThat(printed).doesNotContain(Files.readString(folder.resolve("operator.token")));
    }

    /** Or else a file that was cut short would be a short secret. */
    @Test
    void aDamagedKeyOrTokenIsRefused() throws Exception {
        secrets.key("server.key").close();
        secrets.token("operator.token");
        Files.write(folder.resolve("keys/server.key"), new byte[31]);
        Files.writeString(folder.resolve("operator.token"), "0".repeat(63));
        assertThatThrownBy(() -> secrets.key("server.key")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> secrets.token("operator.token")).isInstanceOf(IOException.class);
    }

    /** Replicas that start together must not sign with different keys. */
    @Test
    void whoeverStartsTogetherGetsTheSameKey() throws Exception {
        Set<VerifyingKey> keys = ConcurrentHashMap.newKeySet();
        CyclicBarrier together = new CyclicBarrier(8);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> starts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Secrets replica = new Secrets(folder, new SeededBytes(10 + i)::fill);
                starts.add(threads.submit(() -> {
                    together.await();
                    try (SigningKey key = replica.key("server.key")) {
                        return keys.add(key.verifyingKey());
                    }
                }));
            }
            for (Future<Boolean> start : starts) {
                start.get();
            }
        }
        assertThat(keys).hasSize(1);
        try (Stream<Path> files = Files.list(folder.resolve("keys"))) {
            assertThat(files).hasSize(1);
        }
    }
}
