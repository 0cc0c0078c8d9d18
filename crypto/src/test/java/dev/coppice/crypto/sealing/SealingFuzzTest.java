package dev.coppice.crypto.sealing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.testkit.SeededBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.InvalidKeyException;
import java.util.Arrays;

/** What comes from outside and is opened, or is a key to seal to: accepted or refused, nothing else. */
class SealingFuzzTest {
    private static final byte[] INFO = {1};
    private static final SealingKey[] KEYS = Arrays.stream(SealingSuite.values())
            .map(suite -> SealingKey.generate(suite, new SeededBytes(1)::fill))
            .toArray(SealingKey[]::new);

    @FuzzTest
    void anyBytesAreOpenedOrBroken(byte[] bytes) throws IOException {
        for (SealingKey key : KEYS) {
            try {
                key.open(bytes, INFO, INFO);
            } catch (SealBrokenException refused) {
                assertThat(refused).hasMessage("Sealed bytes do not open");
            }
            try (OpeningInputStream stream = key.openingStream(INFO, new ByteArrayInputStream(bytes))) {
                stream.readAllBytes();
            } catch (SealBrokenException | OpeningInputStream.BrokenStreamException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }

    @FuzzTest
    void anyBytesAreAKeyOrRefused(byte[] bytes) {
        for (SealingSuite suite : SealingSuite.values()) {
            try {
                byte[] sealed = suite.seal(bytes, INFO, INFO, INFO, new SeededBytes(2)::fill);
                assertThat(sealed).hasSize(suite.overheadBytes() + INFO.length);
                assertThat(bytes).hasSize(suite.publicBytes());
            } catch (InvalidKeyException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }
}
