package dev.coppice.crypto.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.signing.RequestSignature.Request;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestSignatureTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.9Z");
    private static final String NONCE = "AAECAwQFBgcICQoLDA0ODw==";
    private static final String ID = "d-1";

    private final SigningKey key = SigningKey.of(new byte[32]);
    private final byte[] body = "what is sent".getBytes(StandardCharsets.UTF_8);
    private final Request request = new Request("POST", "/v1/checkin", body);

    private Map<String, String> signed() {
        return new HashMap<>(RequestSignature.sign(key, ID, NOW, NONCE, request));
    }

    private static Optional<RequestSignature> read(Map<String, String> headers) {
        return RequestSignature.find(name -> Optional.ofNullable(headers.get(name)));
    }

    /** RFC 9421, appendix B.2.6, with the key of B.1.4; Ed25519 gives the same signature each time. */
    @Test
    void theRfcsExampleIsSignedAndVerifiedAsThere() throws Exception {
        byte[] pkcs8 = Base64.getDecoder().decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF");
        byte[] spki = Base64.getDecoder().decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=");
        Map<String, String> message = Map.of(
                "date", "Tue, 20 Apr 2021 02:07:55 GMT",
                "@method", "POST",
                "@path", "/foo",
                "@authority", "example.com",
                "content-type", "application/json",
                "content-length", "18");
        SignatureInput input = SignatureInput.find("(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\""
                        + " \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"")
                .orElseThrow();
        byte[] base = input.base(name -> String.valueOf(message.get(name)));
        assertThat(new String(base, StandardCharsets.US_ASCII)).isEqualTo("""
                "date": Tue, 20 Apr 2021 02:07:55 GMT
                "@method": POST
                "@path": /foo
                "@authority": example.com
                "content-type": application/json
                "content-length": 18
                "@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")\
                ;created=1618884473;keyid="test-key-ed25519\"""");
        byte[] expected = Base64.getDecoder()
                .decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
        try (SigningKey theirs = SigningKey.of(Arrays.copyOfRange(pkcs8, 16, 48))) {
            assertThat(theirs.signWithoutPurpose(base)).isEqualTo(expected);
        }
        VerifyingKey verifying = VerifyingKey.of(Arrays.copyOfRange(spki, 12, 44));
        assertThat(verifying.verifiesWithoutPurpose(base, expected)).isTrue();
        assertThat(input.integer("created")).contains(1_618_884_473L);
        assertThat(input.string("keyid")).contains("test-key-ed25519");
    }

    /** RFC 9530, appendix D.1 and RFC 9421's own example body. */
    @Test
    void theDigestOfABodyIsThatOfTheRfc() {
        Request example = new Request("POST", "/", "{\"hello\": \"world\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(example.bodySha256()).isEqualTo("5f8f04f6a3a892aaabbddb6cf273894493773960d4a325b105fee46eef4304f1");
        assertThat(RequestSignature.sign(key, ID, NOW, NONCE, example))
                .containsEntry("Content-Digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    }

    @Test
    void whatWasSignedVerifiesAndNothingElseDoes() {
        RequestSignature signature = read(signed()).orElseThrow();
        assertThat(signature.deviceId()).isEqualTo(ID);
        assertThat(signature.created()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(signature.nonce()).isEqualTo(NONCE);
        VerifyingKey own = key.verifyingKey();
        assertThat(signature.verifies(own, request)).isTrue();
        byte[] changed = body.clone();
        changed[0] ^= 1;
        for (Request other : List.of(
                new Request("PUT", "/v1/checkin", body),
                new Request("POST", "/v1/renew", body),
                new Request("POST", "/v1/checkin", changed),
                new Request("POST", "/v1/checkin", new byte[0]))) {
            assertThat(signature.verifies(own, other)).isFalse();
        }
        byte[] seed = new byte[32];
        seed[0] = 1;
        try (SigningKey other = SigningKey.of(seed)) {
            assertThat(signature.verifies(other.verifyingKey(), request)).isFalse();
        }
    }

    /** Each changes what is signed over. */
    @ParameterizedTest
    @ValueSource(strings = {"created=1767225600>created=1767225601", "AAECAw>AAECAx", "d-1>d-2"})
    void whatASignatureSaysOfItselfIsSigned(String change) {
        Map<String, String> headers = signed();
        String[] parts = change.split(">", -1);
        String input = headers.getOrDefault("Signature-Input", "");
        assertThat(input).contains(parts[0]);
        headers.put("Signature-Input", input.replace(parts[0], parts[1]));
        assertThat(read(headers).orElseThrow().verifies(key.verifyingKey(), request))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"@path\" >",
                " \"content-digest\">",
                "\"@method\" >\"@method\" \"@method\" ",
                ";alg=\"ed25519\">",
                "ed25519>hmac-sha256",
                "coppice-device>other",
                ";nonce=\"AAECAwQFBgcICQoLDA0ODw==\">",
                "AAECAwQFBgcICQoLDA0ODw==>short",
                "created=1767225600>created=\"1767225600\"",
                "created=1767225600>created=99999999999999999999",
                ";created=>;created=5;created=",
                "keyid=>keyed=",
                "sig=(>other=(",
                "sig=(>sig=((",
                "sig=>",
                "d-1>d\\\"1"
            })
    void aSignatureThatCoversOrSaysAnythingElseIsNone(String change) {
        Map<String, String> headers = signed();
        String[] parts = change.split(">", -1);
        String input = headers.getOrDefault("Signature-Input", "");
        assertThat(input).contains(parts[0]);
        headers.put("Signature-Input", input.replace(parts[0], parts[1]));
        assertThat(read(headers)).isEmpty();
    }

    @Test
    void aSignatureThatIsNoneOrMissingIsNone() {
        for (String value : List.of("", "sig", "sig=", "sig=:", "sig=:A:", "sig=AAAA", "sig=:AAAA:, other=:AAAA:")) {
            Map<String, String> headers = signed();
            headers.put("Signature", value);
            assertThat(read(headers)).as(value).isEmpty();
        }
        Map<String, String> without = signed();
        without.remove("Signature");
        assertThat(read(without)).isEmpty();
        assertThat(RequestSignature.isClaimed(name -> Optional.empty())).isFalse();
    }

    @Test
    void namesThatWouldBreakOutOfTheHeaderAreNotSigned() {
        for (String id : List.of("d\"1", "d\n1", "d\\1", "dé")) {
            assertThatThrownBy(() -> RequestSignature.sign(key, id, NOW, NONCE, request))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** With a line of its own, a value could say what another component is. */
    @Test
    void aValueOfMoreThanOneLineIsNotSigned() {
        SignatureInput input = SignatureInput.find("(\"@path\");created=1").orElseThrow();
        assertThatThrownBy(() -> input.base(name -> "/a\n\"@method\": GET"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
