package dev.coppice.crypto.internal;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.Json;
import dev.coppice.crypto.Sha256;
import dev.coppice.testkit.SeededBytes;
import dev.coppice.testkit.TestData;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.crypto.params.MLDSAParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPublicKeyParameters;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ML-KEM-768 and ML-DSA-65 of the platform and of Bouncy Castle alike. ACVP's rows of ML-DSA's signatures belong to the
 * internal functions of FIPS 204, which only Bouncy Castle lets one reach; that both sign alike is tried besides.
 */
class LatticeVectorsTest {
    /** Both, where both are there: this project is tested by a virtual machine that has its own. */
    static Stream<MlKem> kems() throws Exception {
        return Stream.of(new PlatformMlKem(), new BouncyMlKem());
    }

    static Stream<MlDsa> signers() throws Exception {
        return Stream.of(new PlatformMlDsa(), new BouncyMlDsa());
    }

    @Test
    void thePlatformsOwnIsTakenWhereThereIsOne() {
        assertThat(MlKem.fastest()).isInstanceOf(PlatformMlKem.class);
        assertThat(MlDsa.fastest()).isInstanceOf(PlatformMlDsa.class);
    }

    /** ACVP, ML-KEM-keyGen-FIPS203, case 26: SHA-256 of both keys. */
    @ParameterizedTest
    @MethodSource("kems")
    void aKeyIsThatOfAcvp(MlKem kem) throws InvalidKeyException {
        byte[] seed = hex("E34A701C4C87582F42264EE422D3C684D97611F2523EFE0C998AF05056D693DC"
                + "A85768F3486BD32A01BF9A8F21EA938E648EAE4E5448C34C3EB88820B159EEDD");
        assertThat(Sha256.hex(kem.publicKey(seed)))
                .isEqualTo("7799c9d8eef172aa78c073514f2f039c240de8c5cb61bca82ba0bc46041ce279");
        assertThat(Sha256.hex(kem.expand(seed)))
                .isEqualTo("104b3444c3de2b81143788d27e17648f45c80f617f906156db2258da96dead40");
        byte[] shared = new byte[MlKem.SHARED_BYTES];
        byte[] ciphertext = kem.encapsulate(kem.publicKey(seed), new byte[32], shared);
        assertThat(kem.decapsulate(kem.expand(seed), ciphertext)).isEqualTo(shared);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void bothGiveTheSameBytes(long seed) throws Exception {
        SeededBytes random = new SeededBytes(seed);
        List<MlKem> kems = kems().toList();
        byte[] kemSeed = bytes(random, MlKem.SEED_BYTES);
        byte[] publicKey = kems.get(0).publicKey(kemSeed);
        byte[] fresh = bytes(random, MlKem.SHARED_BYTES);
        byte[] shared = new byte[MlKem.SHARED_BYTES];
        byte[] ciphertext = kems.get(0).encapsulate(publicKey, fresh, shared);
        byte[] sharedToo = new byte[MlKem.SHARED_BYTES];
        assertThat(kems.get(1).encapsulate(publicKey, fresh, sharedToo)).isEqualTo(ciphertext);
        assertThat(sharedToo).isEqualTo(shared);
        ciphertext[7] ^= 1; // implicit rejection is the same as well
        assertThat(kems.get(1).decapsulate(kems.get(1).expand(kemSeed), ciphertext))
                .isEqualTo(kems.get(0).decapsulate(kems.get(0).expand(kemSeed), ciphertext))
                .isNotEqualTo(shared);

        List<MlDsa> signers = signers().toList();
        byte[] signingSeed = bytes(random, MlDsa.SEED_BYTES);
        byte[] message = bytes(random, 100);
        byte[] signature = signers.get(0).sign(signers.get(0).expand(signingSeed), message);
        assertThat(signers.get(1).sign(signers.get(1).expand(signingSeed), message))
                .isEqualTo(signature);
        for (MlDsa signer : signers) {
            assertThat(signer.verifies(signer.publicKey(signingSeed), message, signature))
                    .isTrue();
            assertThat(signer.verifies(signer.publicKey(signingSeed), message, Arrays.copyOf(signature, 3308)))
                    .isFalse();
            assertThat(signer.verifies(new byte[3], message, signature)).isFalse();
            assertThatThrownBy(() -> signer.sign(new byte[5], message)).isInstanceOf(InvalidKeyException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("kems")
    void everyCaseOfWycheproofsKemIsJudgedRightly(MlKem kem) {
        int cases = 0;
        for (Json row : rows("vectors/wycheproof/mlkem_768_test.json")) {
            assertThat(opens(kem, row)).as("case %s", row.text("tcId")).isEqualTo("valid".equals(row.text("result")));
            cases++;
        }
        assertThat(cases).isEqualTo(193);
    }

    @ParameterizedTest
    @MethodSource("kems")
    void everyEncapsulationOfWycheproofIsJudgedRightly(MlKem kem) {
        int cases = 0;
        for (Json row : rows("vectors/wycheproof/mlkem_768_encaps_test.json")) {
            assertThat(encapsulates(kem, row))
                    .as("case %s", row.text("tcId"))
                    .isEqualTo("valid".equals(row.text("result")));
            cases++;
        }
        assertThat(cases).isEqualTo(265);
    }

    @ParameterizedTest
    @MethodSource("kems")
    void keysAndDecapsulationsAreThoseOfWycheproof(MlKem kem) {
        int cases = 0;
        for (Json row : rows("vectors/wycheproof/mlkem_768_keygen_seed_test.json")) {
            assertThat(kem.publicKey(row.hex("seed"))).isEqualTo(row.hex("ek"));
            assertThat(kem.expand(row.hex("seed"))).isEqualTo(row.hex("dk"));
            cases++;
        }
        for (Json row : rows("vectors/wycheproof/mlkem_768_semi_expanded_decaps_test.json")) {
            assertThat(agrees(kem, row.hex("dk"), row.hex("c"), row.hex("K")))
                    .as("case %s", row.text("tcId"))
                    .isEqualTo("valid".equals(row.text("result")));
            cases++;
        }
        assertThat(cases).isEqualTo(109);
    }

    @ParameterizedTest
    @MethodSource("kems")
    void everyKemRowOfAcvpIsMet(MlKem kem) throws InvalidKeyException {
        int cases = 0;
        for (Json[] row : acvp("nist-acvp-mlkem/ML-KEM-keyGen-FIPS203", "ML-KEM-768")) {
            byte[] seed = hex(row[1].text("d") + row[1].text("z"));
            assertThat(kem.publicKey(seed)).isEqualTo(row[2].hex("ek"));
            assertThat(kem.expand(seed)).isEqualTo(row[2].hex("dk"));
            cases++;
        }
        for (Json[] row : acvp("nist-acvp-mlkem/ML-KEM-encapDecap-FIPS203", "ML-KEM-768")) {
            if (row[0].text("function").equals("encapsulation")) {
                byte[] shared = new byte[MlKem.SHARED_BYTES];
                assertThat(kem.encapsulate(row[1].hex("ek"), row[1].hex("m"), shared))
                        .isEqualTo(row[2].hex("c"));
                assertThat(shared).isEqualTo(row[2].hex("k"));
            } else {
                assertThat(kem.decapsulate(row[0].hex("dk"), row[1].hex("c"))).isEqualTo(row[2].hex("k"));
            }
            cases++;
        }
        assertThat(cases).isEqualTo(60);
    }

    @ParameterizedTest
    @MethodSource("signers")
    void everySigningKeyIsThatOfAcvp(MlDsa signer) {
        int cases = 0;
        for (Json[] row : acvp("nist-acvp-mldsa/ML-DSA-keyGen-FIPS204", "ML-DSA-65")) {
            assertThat(signer.publicKey(row[1].hex("seed"))).isEqualTo(row[2].hex("pk"));
            assertThat(signer.expand(row[1].hex("seed"))).isEqualTo(row[2].hex("sk"));
            cases++;
        }
        assertThat(cases).isEqualTo(25);
    }

    /** The functions of FIPS 204, algorithms 7 and 8, without the context that is put before a message. */
    private static final class InternalSigner extends MLDSASigner {
        byte[] sign(byte[] secret, byte[] message, byte[] random) {
            init(true, new MLDSAPrivateKeyParameters(MLDSAParameters.ml_dsa_65, secret));
            return internalGenerateSignature(message, random);
        }

        boolean verifies(byte[] publicKey, byte[] message, byte[] signature) {
            init(false, new MLDSAPublicKeyParameters(MLDSAParameters.ml_dsa_65, publicKey));
            return internalVerifySignature(message, signature);
        }
    }

    @Test
    void everySignatureOfAcvpIsMadeAndJudgedRightly() {
        InternalSigner signer = new InternalSigner();
        int cases = 0;
        for (Json[] row : acvp("nist-acvp-mldsa/ML-DSA-sigGen-FIPS204", "ML-DSA-65")) {
            byte[] random = row[1].has("rnd") ? row[1].hex("rnd") : new byte[32];
            assertThat(signer.sign(row[1].hex("sk"), row[1].hex("message"), random))
                    .as("case %s", row[1].text("tcId"))
                    .isEqualTo(row[2].hex("signature"));
            cases++;
        }
        for (Json[] row : acvp("nist-acvp-mldsa/ML-DSA-sigVer-FIPS204", "ML-DSA-65")) {
            assertThat(signer.verifies(row[0].hex("pk"), row[1].hex("message"), row[1].hex("signature")))
                    .as("case %s", row[1].text("tcId"))
                    .isEqualTo("true".equals(row[2].text("testPassed")));
            cases++;
        }
        assertThat(cases).isEqualTo(35);
    }

    /** Also what an expanded key signs that no seed gives; a key out of range is refused by one, and used by the other. */
    @ParameterizedTest
    @MethodSource("signers")
    void everySignatureOfWycheproofIsMadeAndVerified(MlDsa signer) throws InvalidKeyException {
        int cases = 0;
        for (Json group : Json.read(TestData.find("vectors/wycheproof/mldsa_65_sign_noseed_test.json"))
                .at("testGroups")
                .list()) {
            for (Json row : group.at("tests").list()) {
                if (!row.has("msg") || row.hex("ctx").length > 0 || row.has("rnd")) {
                    continue;
                }
                byte[] secret = group.hex("privateKey");
                if (row.text("result").equals("valid")) {
                    assertThat(signer.sign(secret, row.hex("msg")))
                            .as("case %s", row.text("tcId"))
                            .isEqualTo(row.hex("sig"));
                } else if (secret.length != MlDsa.SECRET_BYTES) {
                    assertThatThrownBy(() -> signer.sign(secret, row.hex("msg")))
                            .isInstanceOf(InvalidKeyException.class);
                }
                cases++;
            }
        }
        assertThat(cases).isEqualTo(64);
    }

    @ParameterizedTest
    @MethodSource("signers")
    void everyVerificationOfWycheproofIsJudgedRightly(MlDsa signer) {
        for (Json group : Json.read(TestData.find("vectors/wycheproof/mldsa_65_verify_test.json"))
                .at("testGroups")
                .list()) {
            for (Json row : group.at("tests").list()) {
                if (row.hex("ctx").length == 0) {
                    assertThat(signer.verifies(group.hex("publicKey"), row.hex("msg"), row.hex("sig")))
                            .as("case %s", row.text("tcId"))
                            .isEqualTo("valid".equals(row.text("result")));
                }
            }
        }
    }

    private static boolean opens(MlKem kem, Json row) {
        if (row.hex("seed").length != MlKem.SEED_BYTES) {
            return false;
        }
        assertThat(kem.publicKey(row.hex("seed"))).isEqualTo(row.hex("ek"));
        return agrees(kem, kem.expand(row.hex("seed")), row.hex("c"), row.hex("K"));
    }

    private static boolean agrees(MlKem kem, byte[] secret, byte[] ciphertext, byte[] expected) {
        try {
            return Arrays.equals(kem.decapsulate(secret, ciphertext), expected);
        } catch (InvalidKeyException refused) {
            return false;
        }
    }

    private static boolean encapsulates(MlKem kem, Json row) {
        byte[] shared = new byte[MlKem.SHARED_BYTES];
        try {
            return Arrays.equals(kem.encapsulate(row.hex("ek"), row.hex("m"), shared), row.hex("c"))
                    && Arrays.equals(shared, row.hex("K"));
        } catch (InvalidKeyException refused) {
            return false;
        }
    }

    private static List<Json> rows(String file) {
        return Json.read(TestData.find(file)).at("testGroups").list().stream()
                .flatMap(group -> group.at("tests").list().stream())
                .toList();
    }

    /** The group, the question and the answer of each row of one set of parameters. */
    private static List<Json[]> acvp(String name, String parameters) {
        List<Json> prompts = Json.read(TestData.find("vectors/" + name + "-prompt.json.gz"))
                .at("testGroups")
                .list();
        List<Json> answers = Json.read(TestData.find("vectors/" + name + "-expectedResults.json.gz"))
                .at("testGroups")
                .list();
        return prompts.stream()
                .filter(group -> group.text("parameterSet").equals(parameters))
                .flatMap(group -> group.at("tests").list().stream().map(row ->
                        new Json[] {group, row, answer(answers, row.text("tcId"))}))
                .toList();
    }

    private static Json answer(List<Json> groups, String id) {
        return groups.stream()
                .flatMap(group -> group.at("tests").list().stream())
                .filter(row -> row.text("tcId").equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] bytes(SeededBytes random, int count) {
        byte[] bytes = new byte[count];
        random.fill(bytes);
        return bytes;
    }
}
