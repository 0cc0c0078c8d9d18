package dev.coppice.crypto.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.coppice.testkit.SeededBytes;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;

/** Keys, signatures and lists of signatures from outside: accepted or refused, nothing else. */
class SigningFuzzTest {
    private static final List<VerifyingKey> KEYS = Arrays.stream(SignatureAlgorithm.values())
            .map(algorithm ->
                    SigningKey.generate(algorithm, new SeededBytes(1)::fill).verifyingKey())
            .toList();

    @FuzzTest
    void noBytesAreASignature(byte[] bytes) {
        for (VerifyingKey key : KEYS) {
            assertThat(key.verifies(Purpose.DEVICE_SPENT, new byte[] {1}, bytes))
                    .isFalse();
        }
    }

    @FuzzTest
    void anyBytesAreAKeyOrRefused(byte[] bytes) {
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            try {
                VerifyingKey key = VerifyingKey.of(algorithm, bytes);
                assertThat(key.bytes()).isEqualTo(bytes);
                assertThat(key.verifies(Purpose.DEVICE_SPENT, bytes, new byte[algorithm.signatureBytes()]))
                        .isFalse();
            } catch (InvalidKeyException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }
}
