package dev.coppice.crypto.internal;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.Json;
import dev.coppice.testkit.TestData;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;

class VectorsTest {
    /** The longest of RFC 7748's iterations takes minutes; {@code -Dsoak=20} and more runs it. */
    private static final int ITERATIONS_MAX = Integer.getInteger("soak", 1) >= 20 ? 1_000_000 : 1_000;

    /** RFC 7748, section 5.2, first vector. */
    @Test
    void agreementIsThatOfTheRfc() throws InvalidKeyException {
        assertThat(Agreement.agree(
                        hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                        hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")))
                .isEqualTo(hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
    }

    /** RFC 5869, appendix A.1. */
    @Test
    void derivedKeysAreThoseOfTheRfc() {
        assertThat(Hkdf.derive(
                        hex("000102030405060708090a0b0c"), hex("0b".repeat(22)), 42, hex("f0f1f2f3f4f5f6f7f8f9")))
                .isEqualTo(hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
    }

    /** McGrew and Viega, The Galois/Counter Mode of Operation, test case 14. */
    @Test
    void sealedBytesAreThoseOfThePaper() throws AEADBadTagException {
        byte[] sealed = new byte[32];
        new AesGcm().seal(new byte[32], new byte[12], new byte[0], new byte[16], 16, sealed, 0);
        assertThat(sealed).isEqualTo(hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
        assertThat(new AesGcm().open(new byte[32], new byte[12], new byte[0], sealed, 0, 32))
                .isEqualTo(new byte[16]);
    }

    /** Points of small order are "acceptable" to Wycheproof; here they are refused, as RFC 7748 allows. */
    @Test
    void everyAgreementOfWycheproofIsJudgedRightly() {
        int cases = 0;
        for (Json row : rows("vectors/wycheproof/x25519_test.json")) {
            boolean nothing = Arrays.equals(row.hex("shared"), new byte[32]);
            assertThat(agrees(row.hex("private"), row.hex("public"), row.hex("shared")))
                    .as("case %s", row.text("tcId"))
                    .isEqualTo(!nothing);
            assertThat(Agreement.isUsable(row.hex("public"))).isEqualTo(!nothing);
            cases++;
        }
        assertThat(cases).isEqualTo(518);
    }

    @Test
    void agreementsAndTheirIterationsAreThoseOfTheRfcsFiles() throws InvalidKeyException {
        for (Json row : Json.read(TestData.find("vectors/x25519-rfc7748/rfc7748_kat_test.json.gz"))
                .list()) {
            assertThat(Agreement.agree(row.hex("scalar"), row.hex("input"))).isEqualTo(row.hex("output"));
        }
        for (Json row : Json.read(TestData.find("vectors/x25519-rfc7748/rfc7748_times_test.json.gz"))
                .list()) {
            if (row.number("times") <= ITERATIONS_MAX) {
                assertThat(iterated(row.number("times"))).isEqualTo(row.hex("key"));
            }
        }
    }

    @Test
    void everyDerivationOfWycheproofIsJudgedRightly() {
        int cases = 0;
        for (Json row : rows("vectors/wycheproof/hkdf_sha256_test.json")) {
            if (row.text("result").equals("valid")) {
                assertThat(Hkdf.derive(row.hex("salt"), row.hex("ikm"), row.number("size"), row.hex("info")))
                        .as("case %s", row.text("tcId"))
                        .isEqualTo(row.hex("okm"));
            } else {
                assertThatThrownBy(
                                () -> Hkdf.derive(row.hex("salt"), row.hex("ikm"), row.number("size"), row.hex("info")))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            cases++;
        }
        assertThat(cases).isEqualTo(86);
    }

    /** Keys of 16 or 24 bytes and nonces of another length than 12 are refused, whatever Wycheproof says of them. */
    @Test
    void everySealOfWycheproofIsJudgedRightly() {
        int ours = 0;
        for (Json row : rows("vectors/wycheproof/aes_gcm_test.json")) {
            byte[] sealed = hex(row.text("ct") + row.text("tag"));
            if (row.hex("key").length == AesGcm.KEY_BYTES && row.hex("iv").length == AesGcm.NONCE_BYTES) {
                assertThat(opens(row, sealed)).isEqualTo("valid".equals(row.text("result")));
                ours++;
            } else {
                assertThatThrownBy(() -> opens(row, sealed)).isInstanceOf(IllegalArgumentException.class);
            }
        }
        assertThat(ours).isEqualTo(66);
    }

    private static boolean opens(Json row, byte[] sealed) {
        AesGcm cipher = new AesGcm();
        try {
            byte[] plain = cipher.open(row.hex("key"), row.hex("iv"), row.hex("aad"), sealed, 0, sealed.length);
            byte[] again = new byte[sealed.length];
            cipher.seal(row.hex("key"), row.hex("iv"), row.hex("aad"), plain, plain.length, again, 0);
            return Arrays.equals(plain, row.hex("msg")) && Arrays.equals(again, sealed);
        } catch (AEADBadTagException refused) {
            return false;
        }
    }

    private static boolean agrees(byte[] own, byte[] theirs, byte[] shared) {
        try {
            return Arrays.equals(Agreement.agree(own, theirs), shared);
        } catch (InvalidKeyException refused) {
            return false;
        }
    }

    /** RFC 7748, section 5.2. */
    private static byte[] iterated(int times) throws InvalidKeyException {
        byte[] scalar = Arrays.copyOf(new byte[] {9}, 32);
        byte[] point = scalar.clone();
        for (int i = 0; i < times; i++) {
            byte[] next = Agreement.agree(scalar, point);
            point = scalar;
            scalar = next;
        }
        return scalar;
    }

    private static List<Json> rows(String file) {
        return Json.read(TestData.find(file)).at("testGroups").list().stream()
                .flatMap(group -> group.at("tests").list().stream())
                .toList();
    }
}
