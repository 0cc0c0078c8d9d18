package dev.coppice.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.sealing.SealingKey;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.testkit.SeededBytes;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SecretBytesTest {
    private final byte[] seed = bytes();

    private static byte[] bytes() {
        byte[] bytes = new byte[32];
        new SeededBytes(5).fill(bytes);
        return bytes;
    }

    @Test
    void closingOverwritesTheBytesAndEndsTheirUse() {
        SecretBytes secret = SecretBytes.of(seed);
        byte[] lent = secret.use(bytes -> bytes);
        assertThat(lent).isEqualTo(seed);
        secret.close();
        secret.close();
        assertThat(lent).containsOnly(0);
        assertThatThrownBy(() -> secret.use(bytes -> bytes)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void equalSecretsAreEqualUntilTheyAreClosed() {
        SecretBytes one = SecretBytes.of(seed);
        SecretBytes two = SecretBytes.of(seed);
        assertThat(one).isEqualTo(two).hasSameHashCodeAs(two);
        assertThat(one).as("a hash says nothing").hasSameHashCodeAs(SecretBytes.of(new byte[32]));
        assertThat(one).isNotEqualTo(SecretBytes.of(new byte[32])).isNotEqualTo(SecretBytes.of(new byte[31]));
        one.close();
        two.close();
        assertThat(one).isNotEqualTo(two);
    }

    @Test
    void nothingSecretIsPrinted() {
        SigningKey signing = SigningKey.of(seed);
        SealingKey sealing = SealingKey.generate(bytes -> System.arraycopy(seed, 0, bytes, 0, 32));
        String digits = HexFormat.of().formatHex(seed).substring(0, 8);
        assertThat(SecretBytes.of(seed)).hasToString("SecretBytes");
        assertThat(signing).hasToString("SigningKey");
        assertThat(sealing).hasToString("SealingKey");
        assertThat(signing.verifyingKey().toString()).doesNotContain(digits);
    }

    @Test
    void closedKeysNeitherSignNorOpen() {
        SigningKey signing = SigningKey.of(seed);
        signing.close();
        assertThatThrownBy(() -> signing.sign(Purpose.POLL, new byte[0])).isInstanceOf(IllegalStateException.class);
        SealingKey sealing = SealingKey.generate(new SeededBytes(1)::fill);
        sealing.close();
        assertThatThrownBy(() -> sealing.open(new byte[100], new byte[0], new byte[0]))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sha256IsTheOneOfTheStandard() {
        assertThat(Sha256.hex("a".getBytes(US_ASCII), "bc".getBytes(US_ASCII)))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
