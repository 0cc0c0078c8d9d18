package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.text.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleStoreTest {
    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final Duration DAYS_10 = Duration.ofDays(10);

    @TempDir
    Path home;

    @Test
    void theNewestFifthIsHeldOutAndNoneIsInBothParts() throws IOException {
        Path file = home.resolve("examples");
        for (int i = 0; i < 12; i++) {
            try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
                store.add(List.of(kept("text " + i, "label")));
            }
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.count()).isEqualTo(12);
            assertThat(store.heldOut()).extracting(Example::text).containsExactly("text 10", "text 11");
            assertThat(store.training()).hasSize(10).doesNotContainAnyElementsOf(store.heldOut());
        }
    }

    @Test
    void whatIsTooOldIsDeletedFromTheDiskToo() throws IOException {
        Path file = home.resolve("examples");
        long longer;
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            store.add(List.of(kept("old", "")));
            store.add(List.of(new KeptExample(new Example("new", ""), NOW.plus(DAYS_10), true)));
            longer = Files.size(file);
            assertThat(store.expire(NOW.plus(DAYS_10).minusSeconds(1), DAYS_10, 100))
                    .isZero();
            assertThat(store.expire(NOW.plus(DAYS_10).plus(DAYS_10), DAYS_10, 100))
                    .isEqualTo(1);
            store.add(List.of(kept("newest", "")));
        }
        assertThat(Files.size(file)).isLessThan(longer + longer / 2);
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.all()).extracting(kept -> kept.example().text()).containsExactly("new", "newest");
            assertThat(store.all().get(0).isCorrection()).isTrue();
        }
    }

    @Test
    void ofTooManyTheOldestEighthGoes() throws IOException {
        Path file = home.resolve("examples");
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            for (int i = 0; i < 17; i++) {
                store.add(List.of(kept("text " + i, "")));
                store.expire(NOW, DAYS_10, 16);
            }
            assertThat(store.all()).hasSize(14);
            assertThat(store.all().get(0).example().text()).isEqualTo("text 3");
            store.clear();
            assertThat(Files.size(file)).isZero();
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.all()).isEmpty();
        }
    }

    @Test
    void anyUnicodeComesBackAsItWas() throws IOException {
        Example example = new Example("Licht in der Küche \u0000 \uD83D\uDCA1", "überall_an");
        Path file = home.resolve("examples");
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            store.add(List.of(new KeptExample(example, NOW, false)));
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.training()).containsExactly(example);
        }
    }

    @Test
    void anExampleOutOfRangeIsRefusedWithoutItsText() throws IOException {
        try (ExampleStore store = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE)) {
            for (String text : List.of("", "secret".repeat(20_000), "secret\uD83D")) {
                assertThatThrownBy(() -> store.add(List.of(kept(text, ""))))
                        .isInstanceOf(IllegalArgumentException.class)
                        .message()
                        .doesNotContain("secret");
            }
            assertThat(store.count()).isZero();
        }
    }

    /** One that is longer would be taken now and refused at the next start. */
    @Test
    void anExampleIsAsLongAsAllowedAndNoLonger() throws IOException {
        String text = "x".repeat(ExampleStore.TEXT_BYTES_MAX);
        String label = "y".repeat(ExampleStore.LABEL_BYTES_MAX);
        Path file = home.resolve("examples");
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            store.add(List.of(kept(text, label)));
            for (KeptExample longer : List.of(kept(text + "x", ""), kept("x", label + "y"))) {
                assertThatThrownBy(() -> store.add(List.of(longer))).isInstanceOf(IllegalArgumentException.class);
            }
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.training()).containsExactly(new Example(text, label));
        }
    }

    /** Whatever bytes come, they are refused or mean an example that is written as such. */
    @FuzzTest
    void bytesAreRefusedOrMeanOneExample(byte[] bytes) {
        try {
            KeptExample kept = ExampleStore.decode(bytes);
            assertThat(ExampleStore.decode(ExampleStore.encode(kept))).isEqualTo(kept);
        } catch (Frames.MalformedException e) {
            assertThat(e).hasNoCause();
        }
    }

    private static KeptExample kept(String text, String label) {
        return new KeptExample(new Example(text, label), NOW, false);
    }
}
