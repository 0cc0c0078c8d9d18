package dev.coppice.aggregator.store.folder;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whatever is in a file, at whatever place: a record whose sum is right, or nothing. */
class InputFileFuzzTest {
    @FuzzTest
    void anyBytesAreARecordOrDamaged(byte[] content) throws IOException {
        Path path = Files.createTempFile("inputs", "");
        try {
            Files.write(path, content);
            long place =
                    content.length < Long.BYTES ? 0 : ByteBuffer.wrap(content).getLong(0) & 0xff;
            readsWhatIsThereOrNothing(path, place, content.length);
        } finally {
            Files.delete(path);
        }
    }

    private static void readsWhatIsThereOrNothing(Path path, long place, int length) throws IOException {
        try (InputFile file = InputFile.open(path)) {
            Optional<ByteString> found = file.find(place);
            assertThat(file.cutAfter(place)).isEqualTo(found.isPresent());
            if (found.isEmpty()) {
                assertThat(Files.size(path)).isEqualTo(length);
                return;
            }
            ByteString read = found.get();
            assertThat(place + read.size()).isLessThan(length); // there is a head, too
            assertThat(file.append(ByteString.copyFromUtf8("next"))).isEqualTo(place + 8 + read.size());
            assertThat(file.find(place)).contains(read);
        }
    }
}
