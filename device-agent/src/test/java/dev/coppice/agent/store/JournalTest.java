package dev.coppice.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final int RECORD_BYTES_MAX = 100;

    @TempDir
    Path home;

    private Path file;

    @BeforeEach
    void name() {
        file = home.resolve("journal");
    }

    @Test
    void whatWasAppendedIsThereAgainInOrder() throws IOException {
        append("one");
        append("two", "three");
        assertThat(records()).containsExactly("one", "two", "three");
    }

    /** Each prefix of the file is what some crash could have left. */
    @Test
    void aFileCutAnywhereKeepsEveryWholeAppendAndTakesMore() throws IOException {
        append("first");
        long afterFirst = Files.size(file);
        append("second", "third");
        long afterThird = Files.size(file);
        append("last");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            String[] expected = length == whole.length
                    ? new String[] {"first", "second", "third", "last"}
                    : length >= afterThird
                            ? new String[] {"first", "second", "third"}
                            : length >= afterFirst ? new String[] {"first"} : new String[0];
            assertThat(records()).as("cut at byte %d", length).containsExactly(expected);
            append("more");
            assertThat(records()).as("after a cut at byte %d", length).hasSize(expected.length + 1);
        }
    }

    @Test
    void aTailOfZerosAsAfterAPowerCutIsCutOff() throws IOException {
        append("first");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length + 4096));
        assertThat(records()).containsExactly("first");
        assertThat(Files.size(file)).isEqualTo(whole.length);
    }

    @Test
    void aBitFlippedBeforeAWholeAppendIsRefusedAndNothingIsCut() throws IOException {
        append("first");
        int firstBytes = (int) Files.size(file);
        append("second");
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < firstBytes; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(file, damaged);
            assertThatThrownBy(this::records).as("byte %d", at).isInstanceOf(StoreBrokenException.class);
            assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
        }
    }

    @Test
    void aBitFlippedInTheLastAppendLosesNoOtherAppend() throws IOException {
        append("first");
        int firstBytes = (int) Files.size(file);
        append("second");
        byte[] whole = Files.readAllBytes(file);
        for (int at = firstBytes; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(file, damaged);
            assertThat(records()).as("byte %d", at).containsExactly("first");
        }
    }

    @Test
    void appendsThatWereMovedRepeatedOrLeftOutAreRefused() throws IOException {
        append("first");
        int firstBytes = (int) Files.size(file);
        append("third");
        byte[] whole = Files.readAllBytes(file);
        byte[] first = Arrays.copyOf(whole, firstBytes);
        byte[] second = Arrays.copyOfRange(whole, firstBytes, whole.length);
        for (byte[] tampered : List.of(joined(second, first), joined(first, first), second)) {
            Files.write(file, tampered);
            assertThatThrownBy(this::records).isInstanceOf(StoreBrokenException.class);
            assertThat(Files.readAllBytes(file)).isEqualTo(tampered);
        }
    }

    private static byte[] joined(byte[] head, byte[] tail) {
        byte[] both = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, both, head.length, tail.length);
        return both;
    }

    @Test
    void recordsOutOfRangeAreRefusedBeforeAnythingIsWritten() throws IOException {
        assertThatThrownBy(() -> append("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> append("good", "x".repeat(RECORD_BYTES_MAX + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(records()).isEmpty();
    }

    @Test
    @SuppressWarnings("try") // closed early, to make an append fail
    void afterAFailedAppendNothingMoreIsTaken() throws IOException {
        try (Journal journal = Journal.open(file, RECORD_BYTES_MAX, TestKeys.STORAGE)) {
            journal.close();
            assertThatThrownBy(() -> journal.append(List.of(bytes("lost")))).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> journal.append(List.of(bytes("late"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("earlier append failed");
        }
    }

    @Test
    void othersOnTheMachineCannotReadIt() throws IOException {
        append("mine");
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(Files.getPosixFilePermissions(file).toString()).doesNotContain("GROUP", "OTHERS");
        }
    }

    private void append(String... records) throws IOException {
        try (Journal journal = Journal.open(file, RECORD_BYTES_MAX, TestKeys.STORAGE)) {
            journal.append(Arrays.stream(records).map(JournalTest::bytes).toList());
        }
    }

    private List<String> records() throws IOException {
        try (Journal journal = Journal.open(file, RECORD_BYTES_MAX, TestKeys.STORAGE)) {
            return journal.takeRecords().stream()
                    .map(record -> new String(record, StandardCharsets.UTF_8))
                    .toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What is found is what was there up to some byte, and the journal takes more; or the file is left as it is. */
    @FuzzTest
    void anyFileIsAJournalOrRefused(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try (Journal journal = Journal.open(file, RECORD_BYTES_MAX, TestKeys.STORAGE)) {
            List<byte[]> found = journal.takeRecords();
            assertThat(Files.readAllBytes(file)).isEqualTo(Arrays.copyOf(bytes, (int) Files.size(file)));
            journal.append(List.of(new byte[] {1}));
            assertThat(records()).hasSize(found.size() + 1);
        } catch (StoreBrokenException refused) {
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        } finally {
            Files.delete(file);
        }
    }
}
