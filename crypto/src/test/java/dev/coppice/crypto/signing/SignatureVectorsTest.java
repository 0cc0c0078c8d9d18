package dev.coppice.crypto.signing;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.FlatJson;
import dev.coppice.crypto.Json;
import dev.coppice.crypto.Sha256;
import dev.coppice.testkit.TestData;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureVectorsTest {
    /** RFC 8032, section 7.1, test 2. */
    @Test
    void ed25519IsThatOfTheRfc() throws InvalidKeyException {
        SigningKey rfc = SigningKey.of(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        byte[] publicKey = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assertThat(rfc.verifyingKey().bytes()).isEqualTo(publicKey);
        byte[] signature = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        assertThat(rfc.signWithoutPurpose(hex("72"))).isEqualTo(signature);
        VerifyingKey key = VerifyingKey.of(publicKey);
        assertThat(key.verifiesWithoutPurpose(hex("72"), signature)).isTrue();
        assertThat(key.verifiesWithoutPurpose(hex("73"), signature)).isFalse();
    }

    /** Wycheproof, mldsa_65_sign_seed_test, case 1: SHA-256 of its public key and of its signature of "Hello world". */
    @Test
    void mlDsaIsThatOfWycheproofsFirstCase() throws InvalidKeyException {
        SigningKey key = SigningKey.of(SignatureAlgorithm.ML_DSA_65, hex("2a".repeat(32)));
        assertThat(Sha256.hex(key.verifyingKey().bytes()))
                .isEqualTo("b7acce2ddb11f8cc1aa46e2bafac6eacfa2b732ef192bd636ad8d3a56d649c66");
        byte[] message = hex("48656c6c6f20776f726c64");
        byte[] signature = key.signWithoutPurpose(message);
        assertThat(Sha256.hex(signature)).isEqualTo("39fbbb0d97a52c79844213b325af823a7f16a174e00a5b3daeb3e6e6d1c89681");
        VerifyingKey verifying =
                VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, key.verifyingKey().bytes());
        assertThat(verifying.verifiesWithoutPurpose(message, signature)).isTrue();
        assertThat(verifying.verifiesWithoutPurpose(hex("48"), signature)).isFalse();
    }

    @Test
    void ed25519JudgesEveryCaseOfWycheproofRightly() throws InvalidKeyException {
        int cases = 0;
        for (Json group : groups("vectors/wycheproof/ed25519_test.json")) {
            VerifyingKey key = VerifyingKey.of(group.at("publicKey").hex("pk"));
            for (Json row : group.at("tests").list()) {
                assertThat(key.verifiesWithoutPurpose(row.hex("msg"), row.hex("sig")))
                        .as("case %s", row.text("tcId"))
                        .isEqualTo("valid".equals(row.text("result")));
                cases++;
            }
        }
        assertThat(cases).isEqualTo(151);
    }

    /** Each line: seed and public key, public key, message, signature and message. */
    @Test
    void ed25519MakesBernsteinsSignatures() throws InvalidKeyException {
        List<String> lines = FlatJson.text(TestData.find("vectors/ed25519-bernstein/sign.input.txt.gz"))
                .lines()
                .toList();
        for (String line : lines) {
            String[] fields = line.split(":", -1);
            SigningKey key = SigningKey.of(Arrays.copyOf(hex(fields[0]), SigningKey.SEED_BYTES));
            byte[] message = hex(fields[2]);
            assertThat(key.verifyingKey().bytes()).isEqualTo(hex(fields[1]));
            byte[] signature = key.signWithoutPurpose(message);
            assertThat(signature).isEqualTo(Arrays.copyOf(hex(fields[3]), signature.length));
            assertThat(VerifyingKey.of(hex(fields[1])).verifiesWithoutPurpose(message, signature))
                    .isTrue();
        }
        assertThat(lines).hasSize(1024);
    }

    /** Cases with a context string are left out: ours is empty, and what a signature is for goes into the message. */
    @Test
    void mlDsaJudgesEveryCaseOfWycheproofRightly() {
        int cases = 0;
        for (Json group : groups("vectors/wycheproof/mldsa_65_verify_test.json")) {
            for (Json row : group.at("tests").list()) {
                if (row.hex("ctx").length == 0) {
                    assertThat(verifies(group.hex("publicKey"), row.hex("msg"), row.hex("sig")))
                            .as("case %s", row.text("tcId"))
                            .isEqualTo("valid".equals(row.text("result")));
                    cases++;
                }
            }
        }
        assertThat(cases).isEqualTo(203);
    }

    /** Left out: contexts, the randomized variant, and rows that give no message but its hash. */
    @Test
    void mlDsaMakesWycheproofsSignatures() {
        int cases = 0;
        for (Json group : groups("vectors/wycheproof/mldsa_65_sign_seed_test.json")) {
            byte[] seed = group.hex("privateSeed");
            for (Json row : group.at("tests").list()) {
                if (row.has("msg") && row.hex("ctx").length == 0 && !row.has("rnd")) {
                    if (seed.length != SigningKey.SEED_BYTES) {
                        assertThat(row.text("result")).isEqualTo("invalid");
                    } else {
                        SigningKey key = SigningKey.of(SignatureAlgorithm.ML_DSA_65, seed);
                        assertThat(key.verifyingKey().bytes()).isEqualTo(group.hex("publicKey"));
                        assertThat(key.signWithoutPurpose(row.hex("msg")))
                                .as("case %s", row.text("tcId"))
                                .isEqualTo(row.hex("sig"));
                    }
                    cases++;
                }
            }
        }
        assertThat(cases).isEqualTo(83);
    }

    private static List<Json> groups(String file) {
        return Json.read(TestData.find(file)).at("testGroups").list();
    }

    private static boolean verifies(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            return VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, publicKey).verifiesWithoutPurpose(message, signature);
        } catch (InvalidKeyException refused) {
            return false;
        }
    }
}
