package dev.coppice.crypto.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.signing.SignatureAlgorithm;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The canonical form, and keys in it. */
class MetadataJsonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"b\" : [1, -2 ,true,null], \"a\":{}, \"\":[] } | {\"\":[],\"a\":{},\"b\":[1,-2,true,null]}",
                "\"a\\\"b\\\\c\\/\\u0041\" | \"a\\\"b\\\\c/A\"",
                "{\"B\":1,\"a\":1,\"_\":1} | {\"B\":1,\"_\":1,\"a\":1}",
                "9007199254740993 | 9007199254740993",
            })
    void theCanonicalFormIsOlpcs(String json, String canonical) throws Exception {
        assertThat(text(MetadataJson.canonical(MetadataJson.parse(TestRepository.bytes(json)))))
                .isEqualTo(canonical);
    }

    @Test
    void controlCharactersStandAsTheyAre() throws Exception {
        assertThat(MetadataJson.canonical(MetadataJson.parse(TestRepository.bytes("\"\\n\\u0001é\""))))
                .isEqualTo("\"\n\u0001é\"".getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "1e3", "[1.0]", "99999999999999999999", "\"\\ud800\"", "{\"a\":-0.0}"})
    void whatHasNoCanonicalFormIsRefused(String json) {
        assertThatThrownBy(() -> MetadataJson.canonical(MetadataJson.parse(TestRepository.bytes(json))))
                .isInstanceOf(MetadataRefusedException.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"a\":1,\"a\":2}", "{} {}", "{a:1}", "NaN", "[1,]", "// x"})
    void whatIsNotStrictJsonIsRefused(String json) {
        assertThatThrownBy(() -> MetadataJson.canonical(MetadataJson.parse(TestRepository.bytes(json))))
                .isInstanceOf(MetadataRefusedException.Malformed.class);
    }

    @Test
    void publicKeysOfAHolderComeBackAsTheyWere() throws Exception {
        HolderKeys keys = TestRepository.holder("somebody").keys();
        assertThat(HolderKeys.parse(keys.toJson())).isEqualTo(keys);
        assertThat(text(keys.toJson())).contains("\"ml-dsa-65/1\"", "BEGIN PUBLIC KEY", "\"ed25519\"");
    }

    @Test
    void aSecretComesBackAsItWas() {
        Signatory somebody = TestRepository.holder("somebody");
        try (var secret = somebody.secret();
                Signatory again = Signatory.of(secret)) {
            assertThat(again.keys()).isEqualTo(somebody.keys());
            assertThat(again).hasToString("Signatory");
        }
    }

    @Test
    void aKeyOfAKindThatIsNotKnownIsPassedOver() throws Exception {
        assertThat(TufKeys.read(MetadataJson.parse(TestRepository.bytes(
                        "{\"keytype\":\"ecdsa\",\"scheme\":\"ecdsa-sha2-nistp256\",\"keyval\":{\"public\":\"x\"}}"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "zz", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"})
    void aKeyThatIsNoneIsRefused(String key) {
        for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
            var object = TufKeys.write(
                    algorithm == SignatureAlgorithm.ED25519
                            ? TestRepository.holder("somebody").keys().ed25519()
                            : TestRepository.holder("somebody").keys().mlDsa65());
            object.putObject("keyval").put("public", key);
            assertThatThrownBy(() -> TufKeys.read(object)).isInstanceOf(MetadataRefusedException.Malformed.class);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
