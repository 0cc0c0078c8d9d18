package dev.coppice.adapters.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.pack.Provenance.Round;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.testkit.SeededBytes;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an aggregator stated of a pack is believed only if its key signed it, about these files, and it makes sense. */
class ProvenanceTest {
    private static final SigningKey SERVER = key(1);
    private static final Map<String, byte[]> FILES = Map.of("skill.json", bytes("{}"), "weights", bytes("w"));
    private static final Provenance TOLD = provenance(
            List.of(round(1, 40, 3.5), round(3, 38, 7.25)),
            List.of(new Round("e-1", 1, hash("f"), hash("g"), 50, 44, OptionalDouble.of(7.75), hash("h"))));

    @Test
    void whatWasStatedIsReadBack() throws Exception {
        assertThat(Provenance.verified(TOLD.sign(SERVER), SERVER.verifyingKey()))
                .isEqualTo(TOLD);
        TOLD.requireFiles(FILES);
        Provenance open = provenance(
                List.of(new Round("t-1", 1, hash("a"), hash("b"), 9, 9, OptionalDouble.empty(), hash("candidate"))),
                List.of());
        assertThat(Provenance.verified(open.sign(SERVER), SERVER.verifyingKey()))
                .isEqualTo(open);
    }

    @Test
    void othersReadItAsADsseEnvelopeOverAnInTotoStatement() throws Exception {
        var envelope = new ObjectMapper().readTree(TOLD.sign(SERVER));
        byte[] payload = envelope.path("payload").binaryValue();
        byte[] signed = ("DSSEv1 28 application/vnd.in-toto+json " + payload.length + " "
                        + new String(payload, StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
        assertThat(SERVER.verifyingKey()
                        .verifiesWithoutPurpose(
                                signed, envelope.at("/signatures/0/sig").binaryValue()))
                .isTrue();
        var statement = new ObjectMapper().readTree(payload);
        assertThat(statement.path("_type").asText()).isEqualTo("https://in-toto.io/Statement/v1");
        assertThat(statement.at("/subject/1/name").asText()).isEqualTo("weights");
        assertThat(statement.at("/subject/1/digest/sha256").asText()).isEqualTo(Sha256.hex(bytes("w")));
        assertThat(statement.at("/predicate/rounds/1/epsilonSoFar").asDouble()).isEqualTo(7.25);
    }

    @Test
    void aStatementThatAnotherKeySignedOrThatWasSignedForAnotherPurposeIsRefused() throws Exception {
        refused(TOLD.sign(key(2)), "not signed");
        ObjectNode envelope = envelope(TOLD.sign(SERVER));
        byte[] payload = envelope.path("payload").binaryValue();
        refused(with(envelope, payload, SERVER.sign(Purpose.ROUND_TERMS, payload)), "not signed");
        refused(with(envelope, payload, SERVER.signWithoutPurpose(payload)), "not signed");
        envelope.putArray("signatures");
        refused(new ObjectMapper().writeValueAsBytes(envelope), "not signed");
    }

    @Test
    void aStatementThatWasChangedIsRefused() throws Exception {
        ObjectNode envelope = envelope(TOLD.sign(SERVER));
        byte[] signature = envelope.at("/signatures/0/sig").binaryValue();
        String payload = new String(envelope.path("payload").binaryValue(), StandardCharsets.UTF_8);
        for (String change : List.of("\"inSum\" : 38", "\"number\" : 3", hash("candidate"), hash("b3"), "weights")) {
            assertThat(payload).contains(change);
            String other = payload.replace(
                    change, change.replace('3', '4').replace('w', 'v').replace('a', 'b'));
            refused(with(envelope, bytes(other), signature), "not signed");
        }
        envelope.put("payloadType", "text/plain");
        refused(new ObjectMapper().writeValueAsBytes(envelope), "no in-toto statement");
    }

    @Test
    void aStatementAboutOtherFilesIsRefused() {
        Map<String, byte[]> swapped = Map.of("skill.json", bytes("w"), "weights", bytes("{}"));
        assertThatThrownBy(() -> TOLD.requireFiles(swapped)).isInstanceOf(PackRefusedException.class);
        Map<String, byte[]> more = new HashMap<>(FILES);
        more.put("more", bytes("x"));
        assertThatThrownBy(() -> TOLD.requireFiles(more)).isInstanceOf(PackRefusedException.class);
        more.remove("more");
        more.remove("weights");
        assertThatThrownBy(() -> TOLD.requireFiles(more)).isInstanceOf(PackRefusedException.class);
    }

    @Test
    void roundsThatContradictEachOtherAreNotStated() {
        senseless("another adapter", List.of(round(1, 40, 3)));
        senseless("ascending", List.of(round(3, 40, 3), round(3, 40, 4)));
        senseless("become less", List.of(round(1, 40, 3.5), round(3, 40, 3.4)));
        senseless(
                "become less",
                List.of(
                        new Round("t-1", 1, hash("a"), hash("b"), 9, 9, OptionalDouble.empty(), hash("c")),
                        round(3, 9, 1)));
        senseless(
                "twice",
                List.of(
                        new Round("t-3", 1, hash("a"), hash("b"), 9, 9, OptionalDouble.of(1), hash("c")),
                        round(3, 9, 1)));
        senseless("1 to", List.of());
        assertThatThrownBy(() -> new Round("t-1", 1, hash("a"), hash("b"), 9, 10, OptionalDouble.of(1), hash("c")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Signed by the right key, as a broken aggregator would. */
    @Test
    void whatIsNotInItsOneFormIsRefused() throws Exception {
        byte[] payload = envelope(TOLD.sign(SERVER)).path("payload").binaryValue();
        ObjectNode statement = (ObjectNode) new ObjectMapper().readTree(payload);
        refused(DsseEnvelope.sign(new ObjectMapper().writeValueAsBytes(statement), SERVER), "one form");
        statement.put("predicateType", "https://slsa.dev/provenance/v1");
        refused(DsseEnvelope.sign(PackJson.bytes(statement), SERVER), "one form");
        refused(DsseEnvelope.sign(bytes("[]"), SERVER), "makes no sense");
        refused(DsseEnvelope.sign(bytes("{"), SERVER), "is not JSON");
        refused(new byte[Provenance.BYTES_MAX + 1], "more than");
    }

    @Test
    void theStatementThatFuzzingBeginsWithIsOne() throws Exception {
        try (InputStream input = Objects.requireNonNull(
                getClass().getResourceAsStream("ProvenanceTestInputs/anyBytesAreAStatementOrRefused/statement"))) {
            byte[] envelope = DsseEnvelope.sign(input.readAllBytes(), SERVER);
            assertThat(Provenance.verified(envelope, SERVER.verifyingKey()).rounds())
                    .hasSize(1);
        }
    }

    /** The bytes of an envelope, or of a statement that is signed. */
    @FuzzTest
    void anyBytesAreAStatementOrRefused(byte[] bytes) {
        for (byte[] envelope : List.of(bytes, DsseEnvelope.sign(bytes, SERVER))) {
            try {
                Provenance read = Provenance.verified(envelope, SERVER.verifyingKey());
                assertThat(Provenance.verified(read.sign(SERVER), SERVER.verifyingKey()))
                        .isEqualTo(read);
            } catch (PackRefusedException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
    }

    private static void senseless(String rule, List<Round> rounds) {
        assertThatThrownBy(() -> provenance(rounds, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(rule);
    }

    private static void refused(byte[] envelope, String why) {
        assertThatThrownBy(() -> Provenance.verified(envelope, SERVER.verifyingKey()))
                .isInstanceOf(PackRefusedException.class)
                .hasMessageContaining(why);
    }

    private static byte[] with(ObjectNode envelope, byte[] payload, byte[] signature) throws Exception {
        ObjectNode changed = envelope.deepCopy();
        changed.put("payload", Base64.getEncoder().encodeToString(payload));
        changed.putArray("signatures")
                .addObject()
                .put("sig", Base64.getEncoder().encodeToString(signature));
        return new ObjectMapper().writeValueAsBytes(changed);
    }

    private static ObjectNode envelope(byte[] json) throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(json);
    }

    private static Provenance provenance(List<Round> rounds, List<Round> evaluations) {
        TreeMap<String, String> files = new TreeMap<>();
        FILES.forEach((name, content) -> files.put(name, Sha256.hex(content)));
        return new Provenance("lights", "t", hash("model"), hash("kit"), hash("candidate"), rounds, evaluations, files);
    }

    /** The third made the candidate. */
    private static Round round(int number, int inSum, double epsilon) {
        return new Round(
                "t-" + number,
                number,
                hash("a" + number),
                hash("b" + number),
                inSum + 2,
                inSum,
                OptionalDouble.of(epsilon),
                hash(number == 3 ? "candidate" : "c" + number));
    }

    private static String hash(String of) {
        return Sha256.hex(bytes(of));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static SigningKey key(long seed) {
        return SigningKey.generate(new SeededBytes(seed)::fill);
    }
}
