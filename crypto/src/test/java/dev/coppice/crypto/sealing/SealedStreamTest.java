package dev.coppice.crypto.sealing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.testkit.SeededBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidKeyException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SealedStreamTest {
    private static final byte[] INFO = "info".getBytes(UTF_8);
    private static final int CHUNK = Chunks.PLAIN_BYTES;
    private static final int SEALED = Chunks.SEALED_BYTES;

    private final SealingKey key = SealingKey.generate(SealingSuite.X_WING, new SeededBytes(1)::fill);
    private final int ahead = SealingSuite.X_WING.overheadBytes() - Aead.TAG_BYTES;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7})
    void aStreamOfAnyLengthComesBack(int length) throws Exception {
        byte[] plain = bytes(length);
        byte[] sealed = sealed(plain);
        int chunks = Math.max(1, (length + CHUNK - 1) / CHUNK);
        assertThat(sealed).hasSize(ahead + length + chunks * Aead.TAG_BYTES);
        assertThat(opened(sealed)).isEqualTo(plain);
    }

    @ParameterizedTest
    @EnumSource(SealingSuite.class)
    void bothSuitesCarryStreams(SealingSuite suite) throws Exception {
        SealingKey own = SealingKey.generate(suite, new SeededBytes(2)::fill);
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        try (SealingOutputStream stream = suite.sealingStream(own.publicKey(), INFO, new SeededBytes(3)::fill, sink)) {
            stream.write(7);
            stream.finish();
            stream.finish();
        }
        InputStream stream = own.openingStream(INFO, new ByteArrayInputStream(sink.toByteArray()));
        assertThat(stream.read()).isEqualTo(7);
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(stream.read()).isEqualTo(-1);
    }

    @Test
    void aStreamThatIsCutOffAnywhereIsBroken() throws Exception {
        byte[] sealed = sealed(bytes(3 * CHUNK));
        for (int end : new int[] {0, 1, ahead - 1}) {
            assertThatThrownBy(() -> opened(Arrays.copyOf(sealed, end))).isInstanceOf(SealBrokenException.class);
        }
        for (int end : new int[] {
            ahead, ahead + 1, ahead + 16, ahead + SEALED - 1, ahead + SEALED, ahead + 2 * SEALED, sealed.length - 1
        }) {
            assertBroken(Arrays.copyOf(sealed, end));
        }
    }

    @Test
    void chunksCannotBeChangedMovedLeftOutRepeatedOrAppended() throws Exception {
        byte[] sealed = sealed(bytes(3 * CHUNK));
        for (int at : new int[] {0, ahead - 1, ahead, ahead + SEALED - 1, ahead + 2 * SEALED, sealed.length - 1}) {
            byte[] changed = sealed.clone();
            changed[at] ^= 1;
            assertBroken(changed);
        }
        assertBroken(chunks(sealed, 1, 0, 2));
        assertBroken(chunks(sealed, 0, 2));
        assertBroken(chunks(sealed, 0, 0, 1, 2));
        assertBroken(chunks(sealed, 0, 1, 2, 2));
        assertBroken(Arrays.copyOf(sealed, sealed.length + 1));
        assertBroken(Arrays.copyOf(sealed, sealed.length + SEALED));
        assertThat(opened(chunks(sealed, 0, 1, 2))).isEqualTo(bytes(3 * CHUNK));
    }

    @Test
    void aSenderThatFailsHalfwayLeavesABrokenStream() throws Exception {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        try (SealingOutputStream stream =
                SealingSuite.X_WING.sealingStream(key.publicKey(), INFO, new SeededBytes(4)::fill, sink)) {
            stream.write(bytes(2 * CHUNK));
        }
        assertBroken(sink.toByteArray());
    }

    @Test
    void nothingIsWrittenAfterTheEnd() throws Exception {
        SealingOutputStream stream = SealingSuite.X_WING.sealingStream(
                key.publicKey(), INFO, new SeededBytes(4)::fill, OutputStream.nullOutputStream());
        stream.finish();
        assertThatThrownBy(() -> stream.write(1)).isInstanceOf(IOException.class);
    }

    @Test
    void aBrokenStreamStaysBrokenThoughWhatFollowsIsWhole() throws Exception {
        byte[] sealed = sealed(bytes(4 * CHUNK));
        sealed[ahead + SEALED] ^= 1;
        InputStream stream = key.openingStream(INFO, new ByteArrayInputStream(sealed));
        assertThat(stream.readNBytes(CHUNK)).isEqualTo(Arrays.copyOf(bytes(4 * CHUNK), CHUNK));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(stream::read).isInstanceOf(OpeningInputStream.BrokenStreamException.class);
        }
    }

    @Test
    void aStreamOpensInItsOwnContextAndForItsOwnKeyOnly() throws Exception {
        byte[] sealed = sealed(bytes(10));
        SealingKey other = SealingKey.generate(SealingSuite.X_WING, new SeededBytes(5)::fill);
        assertThatThrownBy(() -> other.openingStream(INFO, new ByteArrayInputStream(sealed))
                        .readAllBytes())
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> key.openingStream("other".getBytes(UTF_8), new ByteArrayInputStream(sealed))
                        .readAllBytes())
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(SealingSuite.class)
    void bothSidesExportTheSameSecretForTheSamePurposeOnly(SealingSuite suite) throws Exception {
        SealingKey own = SealingKey.generate(suite, new SeededBytes(6)::fill);
        byte[] purpose = "purpose".getBytes(UTF_8);
        ExportedSecret made = suite.export(own.publicKey(), INFO, purpose, new SeededBytes(7)::fill);
        try (SecretBytes same = own.export(made.encapsulated(), INFO, purpose);
                SecretBytes otherPurpose = own.export(made.encapsulated(), INFO, INFO);
                SecretBytes otherContext = own.export(made.encapsulated(), purpose, purpose)) {
            assertThat(same).isEqualTo(made.secret());
            assertThat(otherPurpose).isNotEqualTo(made.secret());
            assertThat(otherContext).isNotEqualTo(made.secret());
        }
        made.close();
        assertThatThrownBy(() -> made.secret().use(byte[]::clone)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> own.export(new byte[3], INFO, purpose)).isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> suite.export(new byte[3], INFO, purpose, new SeededBytes(7)::fill))
                .isInstanceOf(InvalidKeyException.class);
    }

    private byte[] sealed(byte[] plain) throws InvalidKeyException, IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        try (SealingOutputStream stream =
                SealingSuite.X_WING.sealingStream(key.publicKey(), INFO, new SeededBytes(4)::fill, sink)) {
            stream.write(plain, 0, plain.length / 3);
            stream.write(plain, plain.length / 3, plain.length - plain.length / 3);
            stream.finish();
        }
        return sink.toByteArray();
    }

    private byte[] opened(byte[] sealed) throws SealBrokenException, IOException {
        try (InputStream stream = key.openingStream(INFO, new ByteArrayInputStream(sealed))) {
            return stream.readAllBytes();
        }
    }

    /** What was sent ahead, and then the chosen ones of the chunks. */
    private byte[] chunks(byte[] sealed, int... chosen) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(sealed, 0, ahead);
        for (int chunk : chosen) {
            int from = ahead + chunk * SEALED;
            all.write(sealed, from, Math.min(SEALED, sealed.length - from));
        }
        return all.toByteArray();
    }

    private void assertBroken(byte[] sealed) {
        assertThatThrownBy(() -> opened(sealed)).isInstanceOf(OpeningInputStream.BrokenStreamException.class);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new SeededBytes(9).fill(bytes);
        return bytes;
    }
}
