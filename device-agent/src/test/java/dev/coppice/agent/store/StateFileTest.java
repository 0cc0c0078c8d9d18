package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    @TempDir
    Path home;

    @Test
    void theLastValueWrittenIsRead() throws IOException {
        StateFile state = new StateFile(home.resolve("state"), 10, TestKeys.STORAGE);
        assertThat(state.read()).isEmpty();
        state.write(new byte[] {1});
        state.write(new byte[] {2, 3});
        assertThat(state.read()).contains(new byte[] {2, 3});
        state.delete();
        assertThat(state.read()).isEmpty();
    }

    @Test
    void aHalfWrittenReplacementLeavesTheOldValue() throws IOException {
        StateFile state = new StateFile(home.resolve("state"), 10, TestKeys.STORAGE);
        state.write(new byte[] {1});
        Files.write(home.resolve("state.new"), new byte[] {9, 9, 9});
        assertThat(state.read()).contains(new byte[] {1});
        state.write(new byte[] {2});
        assertThat(state.read()).contains(new byte[] {2});
    }

    @Test
    void aReplacementThatCannotBeWrittenLeavesTheOldValue() throws IOException {
        StateFile state = new StateFile(home.resolve("state"), 10, TestKeys.STORAGE);
        state.write(new byte[] {1});
        Files.createDirectories(home.resolve("state.new").resolve("in the way"));
        assertThatThrownBy(() -> state.write(new byte[] {2})).isInstanceOf(IOException.class);
        assertThat(state.read()).contains(new byte[] {1});
    }

    @Test
    void everyChangedByteAndEveryCutIsNoticed() throws IOException {
        Path file = home.resolve("state");
        StateFile state = new StateFile(file, 10, TestKeys.STORAGE);
        state.write(new byte[] {1, 2, 3});
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at]++;
            Files.write(file, damaged);
            assertThatThrownBy(state::read).as("byte %d", at).isInstanceOf(StoreBrokenException.class);
            Files.write(file, Arrays.copyOf(whole, at));
            assertThatThrownBy(state::read).as("cut at %d", at).isInstanceOf(StoreBrokenException.class);
        }
    }

    @Test
    void aFileLongerThanAllowedIsNotEvenRead() throws IOException {
        StateFile state = new StateFile(home.resolve("state"), 10, TestKeys.STORAGE);
        Files.write(home.resolve("state"), new byte[100]);
        assertThatThrownBy(state::read).isInstanceOf(StoreBrokenException.class).hasMessageContaining("longer");
        assertThatThrownBy(() -> state.write(new byte[11])).isInstanceOf(IllegalArgumentException.class);
    }
}
