package dev.coppice.aggregator.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.MessageLostException;
import dev.coppice.aggregator.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFolderTest {
    private static final String ROUND = "t-1-1";

    /** Shorter than what is written at once, as long, longer; and none at all. */
    private static final List<ByteString> INPUTS = IntStream.of(3, (1 << 18) - 8, 1 << 18, 700_001, 0)
            .mapToObj(InputFolderTest::input)
            .toList();

    @TempDir
    Path folder;

    private static ByteString input(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private InputFolder open(Map<String, Long> lastPlaces) {
        InputFolder opened = new InputFolder(folder.resolve("inputs"));
        opened.restore(lastPlaces);
        return opened;
    }

    private Path file() {
        return folder.resolve("inputs").resolve(ROUND);
    }

    private static void assertAllThere(InputFolder inputs, List<Long> places) {
        for (int i = 0; i < places.size(); i++) {
            assertThat(inputs.read(ROUND, places.get(i)).equals(INPUTS.get(i))).isTrue();
        }
    }

    @Test
    void whatIsAppendedComesBackAlsoToTheNextProcess() {
        List<Long> places;
        try (InputFolder inputs = open(Map.of())) {
            places = inputs.append(ROUND, INPUTS);
            assertAllThere(inputs, places);
        }
        try (InputFolder again = open(Map.of(ROUND, places.getLast()))) {
            assertAllThere(again, places);
            long next = again.append(ROUND, INPUTS).getFirst();
            assertThat(next).isGreaterThan(places.getLast());
            assertAllThere(again, places);
        }
    }

    @Test
    void whatNothingNamesIsCutOffAndWrittenOver() throws IOException {
        List<Long> places;
        try (InputFolder inputs = open(Map.of())) {
            places = inputs.append(ROUND, INPUTS);
        }
        long size = Files.size(file());
        Files.write(file(), new byte[] {0, 0, 1, 0, 7}, StandardOpenOption.APPEND);
        try (InputFolder again = open(Map.of(ROUND, places.getLast()))) {
            assertThat(Files.size(file())).isEqualTo(size);
            assertThat(again.append(ROUND, List.of(INPUTS.getFirst()))).containsExactly(size);
            assertAllThere(again, places);
        }
    }

    /** Its process was killed when it was on the disk, and before the database named it. */
    @Test
    void whatTheDatabaseDoesNotNameYetIsCutOffToo() throws IOException {
        List<Long> places;
        try (InputFolder inputs = open(Map.of())) {
            places = inputs.append(ROUND, INPUTS);
        }
        try (InputFolder again = open(Map.of(ROUND, places.get(1)))) {
            assertThat(Files.size(file())).isEqualTo(places.get(2));
            assertThatThrownBy(() -> again.read(ROUND, places.get(2))).isInstanceOf(MessageLostException.class);
            assertThat(again.append(ROUND, INPUTS.subList(2, 5))).isEqualTo(places.subList(2, 5));
            assertAllThere(again, places);
        }
    }

    @Test
    void ofARecordThatIsLongerThanItsFileNothingIsRead() throws IOException {
        try (InputFolder inputs = open(Map.of())) {
            long place = inputs.append(ROUND, List.of(INPUTS.getFirst(), INPUTS.getFirst()))
                    .getLast();
            byte[] good = Files.readAllBytes(file());
            for (int length : List.of(-1, Integer.MIN_VALUE, 4, Integer.MAX_VALUE)) {
                byte[] bad = good.clone();
                ByteBuffer.wrap(bad).putInt((int) place, length);
                Files.write(file(), bad);
                assertThatThrownBy(() -> inputs.read(ROUND, place))
                        .as("%d bytes", length)
                        .isInstanceOf(MessageLostException.class);
            }
        }
    }

    /** Each byte of a record, its head included. */
    @Test
    void whatIsDamagedIsNotRead() throws IOException {
        try (InputFolder inputs = open(Map.of())) {
            long place = inputs.append(ROUND, List.of(INPUTS.getFirst(), INPUTS.getFirst()))
                    .getLast();
            byte[] good = Files.readAllBytes(file());
            for (int i = (int) place; i < good.length; i++) {
                byte[] bad = good.clone();
                bad[i] ^= 0x10;
                Files.write(file(), bad);
                assertThatThrownBy(() -> inputs.read(ROUND, place))
                        .as("byte %d", i)
                        .isInstanceOf(MessageLostException.class);
            }
            Files.write(file(), good);
            assertThat(inputs.read(ROUND, place)).isEqualTo(INPUTS.getFirst());
        }
    }

    @Test
    void aDamagedFileStopsNoProcessFromStarting() throws IOException {
        List<Long> places;
        try (InputFolder inputs = open(Map.of())) {
            places = inputs.append(ROUND, INPUTS);
        }
        Files.write(file(), new byte[3]);
        try (InputFolder again = open(Map.of(ROUND, places.getLast(), "t-1-2", 0L))) {
            assertThatThrownBy(() -> again.read(ROUND, 0)).isInstanceOf(MessageLostException.class);
            assertThatThrownBy(() -> again.read("t-1-2", 0)).isInstanceOf(MessageLostException.class);
        }
    }

    /** The others may be looked at: what was told to their devices holds. */
    @Test
    void whereTheLastIsDamagedTheOthersStayAsTheyWere() throws IOException {
        List<Long> places;
        try (InputFolder inputs = open(Map.of())) {
            places = inputs.append(ROUND, INPUTS);
        }
        byte[] bytes = Files.readAllBytes(file());
        bytes[places.getLast().intValue()] ^= 1;
        Files.write(file(), bytes);
        try (InputFolder again = open(Map.of(ROUND, places.getLast()))) {
            assertThat(Files.size(file())).isEqualTo(bytes.length);
            assertThat(again.append(ROUND, INPUTS).getFirst()).isEqualTo(bytes.length);
            assertAllThere(again, places.subList(0, places.size() - 1));
            assertThatThrownBy(() -> again.read(ROUND, places.getLast())).isInstanceOf(MessageLostException.class);
        }
    }

    /** As one that is stopped while it adds up: its round goes on elsewhere. */
    @Test
    void whoIsInterruptedHasLostNothing() {
        try (InputFolder inputs = open(Map.of())) {
            inputs.append(ROUND, INPUTS);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> inputs.read(ROUND, 0)).isInstanceOf(StoreException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aRoundsFileGoesWithIt() throws IOException {
        try (InputFolder inputs = open(Map.of())) {
            inputs.append(ROUND, INPUTS);
            inputs.append("t-1-2", INPUTS);
            inputs.delete(ROUND);
            assertThat(file()).doesNotExist();
            assertThat(openFiles()).as("its space is free").containsExactly(file().resolveSibling("t-1-2"));
            assertThatThrownBy(() -> inputs.read(ROUND, 0)).isInstanceOf(StoreException.class);
            inputs.append(ROUND, INPUTS);
        }
        assertThat(openFiles()).isEmpty();
        open(Map.of("t-1-2", 0L)).close(); // its process was killed before it was deleted
        assertThat(file()).doesNotExist();
        assertThat(file().resolveSibling("t-1-2")).exists();
    }

    /** Of inputs, as Linux tells. */
    private List<Path> openFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(Files::isSymbolicLink)
                    .map(InputFolderTest::target)
                    .filter(target -> target.startsWith(folder) && !Files.isDirectory(target))
                    .toList();
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return link; // closed meanwhile
        }
    }
}
