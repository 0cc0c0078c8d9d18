package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.adapters.text.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleStoreTest {
    @TempDir
    Path home;

    @Test
    void everyFifthExampleIsHeldOutAndNoneIsInBothParts() throws IOException {
        try (ExampleStore store = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE)) {
            store.add(IntStream.range(0, 12)
                    .mapToObj(i -> new Example("text " + i, "label"))
                    .toList());
            assertThat(store.heldOut()).extracting(Example::text).containsExactly("text 4", "text 9");
            assertThat(store.training()).hasSize(10).doesNotContainAnyElementsOf(store.heldOut());
        }
    }

    @Test
    void anExampleKeepsItsPartWhenMoreCome() throws IOException {
        Path file = home.resolve("examples");
        for (int i = 0; i < 7; i++) {
            try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
                store.add(List.of(new Example("text " + i, "")));
            }
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.heldOut()).extracting(Example::text).containsExactly("text 4");
            assertThat(store.count()).isEqualTo(7);
        }
    }

    @Test
    void anyUnicodeComesBackAsItWas() throws IOException {
        Example example = new Example("Licht in der Küche \u0000 \uD83D\uDCA1", "überall_an");
        Path file = home.resolve("examples");
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            store.add(List.of(example));
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.training()).containsExactly(example);
        }
    }

    @Test
    void anExampleOutOfRangeIsRefusedWithoutItsText() throws IOException {
        try (ExampleStore store = ExampleStore.open(home.resolve("examples"), TestKeys.STORAGE)) {
            for (String text : List.of("", "secret".repeat(20_000), "secret\uD83D")) {
                assertThatThrownBy(() -> store.add(List.of(new Example(text, ""))))
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
            store.add(List.of(new Example(text, label)));
            for (Example longer : List.of(new Example(text + "x", ""), new Example("x", label + "y"))) {
                assertThatThrownBy(() -> store.add(List.of(longer))).isInstanceOf(IllegalArgumentException.class);
            }
        }
        try (ExampleStore store = ExampleStore.open(file, TestKeys.STORAGE)) {
            assertThat(store.training()).containsExactly(new Example(text, label));
        }
    }

    /** Whatever bytes come, they are refused or mean an example that is written as the same bytes. */
    @FuzzTest
    void bytesAreRefusedOrMeanOneExample(byte[] bytes) {
        try {
            assertThat(ExampleStore.encode(ExampleStore.decode(bytes))).isEqualTo(bytes);
        } catch (Frames.MalformedException e) {
            assertThat(e).hasNoCause();
        }
    }
}
