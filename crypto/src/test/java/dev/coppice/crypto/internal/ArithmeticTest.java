package dev.coppice.crypto.internal;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.FlatJson;
import dev.coppice.testkit.SeededBytes;
import dev.coppice.testkit.TestData;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArithmeticTest {
    private static final BigInteger PRIME = BigInteger.valueOf(Field61.PRIME);

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theFieldAgreesWithBigIntegers(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            long a = element(random);
            long b = element(random);
            BigInteger x = BigInteger.valueOf(a);
            BigInteger y = BigInteger.valueOf(b);
            assertThat(Field61.add(a, b)).isEqualTo(x.add(y).mod(PRIME).longValue());
            assertThat(Field61.subtract(a, b))
                    .isEqualTo(x.subtract(y).mod(PRIME).longValue());
            assertThat(Field61.multiply(a, b))
                    .isEqualTo(x.multiply(y).mod(PRIME).longValue());
            if (a != 0) {
                assertThat(Field61.multiply(a, Field61.inverse(a))).isEqualTo(1);
            }
        }
        assertThatThrownBy(() -> Field61.inverse(0)).isInstanceOf(ArithmeticException.class);
    }

    /** Often at the edges, where a wrong reduction shows. */
    private static long element(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(3);
            case 1 -> Field61.PRIME - 1 - random.nextInt(3);
            default -> (random.nextLong() >>> 3) % Field61.PRIME;
        };
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void anyThresholdOfSharesGiveTheSecretAndOneFewerDoNot(long seed) {
        SeededBytes bytes = new SeededBytes(seed);
        byte[] secret = new byte[32];
        bytes.fill(secret);
        int[] points = {1, 3, 4, 7, 90, 1000};
        byte[][] shares = Shamir.split(secret, 4, points, bytes::fill);
        assertThat(List.of(shares)).allMatch(Shamir::isShare);
        int[] chosen = {7, 1000, 1, 4};
        byte[][] theirs = {shares[3], shares[5], shares[0], shares[2]};
        assertThat(Shamir.combine(chosen, theirs)).isEqualTo(secret);
        assertThat(Shamir.shareAt(90, chosen, theirs)).isEqualTo(shares[4]);
        assertThat(Shamir.combine(Arrays.copyOf(chosen, 3), Arrays.copyOf(theirs, 3)))
                .isNotEqualTo(secret);
    }

    @Test
    void theSameSecretIsNeverSplitTheSameWay() {
        SeededBytes bytes = new SeededBytes(1);
        byte[] secret = new byte[32];
        assertThat(Shamir.split(secret, 2, new int[] {1, 2}, bytes::fill)[0])
                .isNotEqualTo(Shamir.split(secret, 2, new int[] {1, 2}, bytes::fill)[0]);
        assertThat(Shamir.isShare(hex("ff".repeat(40)))).isFalse();
        assertThat(Shamir.isShare(new byte[39])).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void packedValuesComeBackInEveryWidth(long seed) {
        Random random = new Random(seed);
        for (int bits = 8; bits <= 32; bits++) {
            int[] values = random.ints(1 + random.nextInt(40)).toArray();
            byte[] packed = BitPacking.pack(values, bits);
            int unused = 32 - bits;
            int[] expected = Arrays.stream(values)
                    .map(value -> value << unused >>> unused)
                    .toArray();
            int[] sum = new int[values.length];
            BitPacking.addTo(sum, packed, bits);
            assertThat(sum).as("%d bits", bits).isEqualTo(expected);
            int width = bits;
            assertThatThrownBy(() -> BitPacking.addTo(new int[values.length + 2], packed, width))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** As many as fit at once, and more; the largest values, so that every carry occurs, among others. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void vectorsAddedAtOnceGiveTheSumOfThoseAddedOneByOne(long seed) {
        Random random = new Random(seed);
        for (int bits = 8; bits <= 32; bits++) {
            int count = 1 + random.nextInt(9_000);
            List<ByteBuffer> packed = new ArrayList<>();
            int[] expected = new int[count];
            for (int i = 0; i < 300 + random.nextInt(5); i++) {
                int[] values = i < 290 ? new int[count] : random.ints(count).toArray();
                Arrays.fill(values, 0, i < 290 ? count : 0, -1);
                byte[] vector = BitPacking.pack(values, bits);
                BitPacking.addTo(expected, vector, bits);
                packed.add(ByteBuffer.wrap(vector).asReadOnlyBuffer());
            }
            int[] sum = new int[count];
            PackedSums.addTo(sum, packed, bits);
            assertThat(sum).as("%d values of %d bits", count, bits).isEqualTo(expected);
        }
        int[] untouched = new int[3];
        List<ByteBuffer> tooLong = List.of(ByteBuffer.wrap(new byte[] {1, 1, 1}), ByteBuffer.allocate(4));
        assertThatThrownBy(() -> PackedSums.addTo(untouched, tooLong, 8)).isInstanceOf(IllegalArgumentException.class);
        assertThat(untouched).containsOnly(0);
    }

    /** NIST SP 800-38A's AES-128 on a zero block, as FIPS 197 programs give it for a zero key. */
    @Test
    void aMaskIsTheKeyStreamOfAesInCounterModeAndIsTakenAwayAgain() {
        int[] words = new int[5_000];
        MaskStream stream = new MaskStream();
        stream.add(new byte[16], words);
        assertThat(words[0]).isEqualTo(Integer.reverseBytes(0x66e94bd4));
        assertThat(words[1]).isEqualTo(Integer.reverseBytes(0xef8a2c3b));
        // The block at counter 512 begins the second chunk: it must go on where the first one ended.
        int[] longer = new int[5_001];
        new MaskStream().add(new byte[16], longer);
        assertThat(Arrays.copyOf(longer, 5_000)).isEqualTo(words);
        assertThat(Arrays.copyOfRange(words, 2048, 4096)).isNotEqualTo(Arrays.copyOf(words, 2048));
        stream.subtract(new byte[16], words);
        assertThat(words).containsOnly(0);
        assertThatThrownBy(() -> stream.add(new byte[15], words)).isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 5869, appendix A.1. */
    @Test
    void keysAreDerivedAsRfc5869Says() {
        byte[] salt = hex("000102030405060708090a0b0c");
        byte[] info = hex("f0f1f2f3f4f5f6f7f8f9");
        assertThat(Hkdf.derive(salt, hex("0b".repeat(22)), 42, info))
                .isEqualTo(hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
        assertThatThrownBy(() -> Hkdf.expand(new byte[32], 8161)).isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 7748, section 6.1. */
    @Test
    void secretsAreAgreedAsRfc7748Says() throws InvalidKeyException {
        byte[] alice = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        assertThat(Agreement.publicKey(bob))
                .isEqualTo(hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        assertThat(Agreement.agree(bob, alice))
                .isEqualTo(hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
        assertThatThrownBy(() -> Agreement.agree(bob, new byte[32])).isInstanceOf(InvalidKeyException.class);
        assertThat(Agreement.isUsable(new byte[32])).isFalse();
        assertThat(Agreement.isUsable(Agreement.publicKey(bob))).isTrue();
    }

    @Test
    void everyAgreementOfWycheproofIsRightOrRefused() {
        int cases = 0;
        for (Map<String, String> row : FlatJson.objects(TestData.find("vectors/wycheproof/x25519_test.json"))) {
            if (row.containsKey("tcId")) {
                byte[] own = hex(row.getOrDefault("private", ""));
                byte[] theirs = hex(row.getOrDefault("public", ""));
                String expected = row.getOrDefault("shared", "");
                boolean refused = expected.matches("0*");
                assertThat(Agreement.isUsable(theirs)).as("case %s", row).isEqualTo(!refused);
                if (!refused) {
                    assertThat(agreed(own, theirs)).as("case %s", row).isEqualTo(hex(expected));
                }
                cases++;
            }
        }
        assertThat(cases).isEqualTo(518);
    }

    private static byte[] agreed(byte[] own, byte[] theirs) {
        try {
            return Agreement.agree(own, theirs);
        } catch (InvalidKeyException unusable) {
            return new byte[0];
        }
    }
}
