package dev.coppice.crypto.sealing;

import static dev.coppice.crypto.FlatJson.hex;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.testkit.SeededBytes;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.crypto.hpke.HPKE;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SealingTest {
    private static final byte[] INFO = "info".getBytes(UTF_8);
    private static final byte[] BOUND = "bound".getBytes(UTF_8);
    private static final byte[] PLAIN = "a share".getBytes(UTF_8);

    private final SealingKey key = SealingKey.generate(new SeededBytes(1)::fill);

    /** The suite's base-mode vector of the RFC's test-vectors.json, first encryption. */
    @Test
    void sealedBytesAreThoseOfRfc9180() throws Exception {
        assertSealsAndOpens(Map.of(
                "skRm", "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
                "pkRm", "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
                "skEm", "179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11",
                "enc", "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
                "info", "4f6465206f6e2061204772656369616e2055726e",
                "aad", "436f756e742d30",
                "pt", "4265617574792069732074727574682c20747275746820626561757479",
                "ct", "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"));
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void bouncyCastleOpensWhatWeSealAndTheOtherWayRound(long seed) throws Exception {
        SeededBytes random = new SeededBytes(seed);
        HPKE theirs = new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
        var pair = theirs.deriveKeyPair(new byte[32]);
        byte[] publicKey = theirs.serializePublicKey(pair.getPublic());
        byte[] sealed = SealingKey.seal(publicKey, PLAIN, INFO, BOUND, random::fill);
        byte[] body = Arrays.copyOfRange(sealed, 32, sealed.length);
        assertThat(theirs.setupBaseR(Arrays.copyOf(sealed, 32), pair, INFO).open(BOUND, body))
                .isEqualTo(PLAIN);

        var context = theirs.setupBaseS(theirs.deserializePublicKey(key.publicKey()), INFO);
        byte[] ciphertext = context.seal(BOUND, PLAIN);
        byte[] both = Arrays.copyOf(context.getEncapsulation(), 32 + ciphertext.length);
        System.arraycopy(ciphertext, 0, both, 32, ciphertext.length);
        assertThat(key.open(both, INFO, BOUND)).isEqualTo(PLAIN);
    }

    /** Bouncy Castle's X-Wing, with its own AES. */
    @Test
    void bouncyCastleOpensWhatXWingSealsAndTheOtherWayRound() throws Exception {
        HPKE theirs = new HPKE(HPKE.mode_base, (short) 0x647a, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
        var pair = theirs.generatePrivateKey();
        byte[] publicKey = theirs.serializePublicKey(pair.getPublic());
        SealingSuite suite = SealingSuite.X_WING;
        byte[] sealed = suite.seal(publicKey, PLAIN, INFO, BOUND, new SeededBytes(5)::fill);
        assertThat(sealed).hasSize(PLAIN.length + suite.overheadBytes());
        byte[] body = Arrays.copyOfRange(sealed, 1120, sealed.length);
        assertThat(theirs.setupBaseR(Arrays.copyOf(sealed, 1120), pair, INFO).open(BOUND, body))
                .isEqualTo(PLAIN);

        SealingKey ours = SealingKey.generate(suite, new SeededBytes(6)::fill);
        assertThat(ours.publicKey()).hasSize(suite.publicBytes());
        var context = theirs.setupBaseS(theirs.deserializePublicKey(ours.publicKey()), INFO);
        byte[] ciphertext = context.seal(BOUND, PLAIN);
        byte[] both = Arrays.copyOf(context.getEncapsulation(), 1120 + ciphertext.length);
        System.arraycopy(ciphertext, 0, both, 1120, ciphertext.length);
        assertThat(ours.open(both, INFO, BOUND)).isEqualTo(PLAIN);
        for (int at : new int[] {0, 1087, 1088, 1119, 1120, both.length - 1}) {
            byte[] changed = both.clone();
            changed[at] ^= 1;
            assertBroken(() -> ours.open(changed, INFO, BOUND));
        }
    }

    @Test
    void aKeyOfOneSuiteIsNoneOfTheOther() {
        byte[] xWing = SealingKey.generate(SealingSuite.X_WING, new SeededBytes(7)::fill)
                .publicKey();
        assertThatThrownBy(() -> SealingKey.seal(xWing, PLAIN, INFO, BOUND, new SeededBytes(4)::fill))
                .isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(
                        () -> SealingSuite.X_WING.seal(key.publicKey(), PLAIN, INFO, BOUND, new SeededBytes(4)::fill))
                .isInstanceOf(InvalidKeyException.class);
        byte[] smallOrder = xWing.clone();
        Arrays.fill(smallOrder, 1184, 1216, (byte) 0);
        assertThatThrownBy(() -> SealingSuite.X_WING.seal(smallOrder, PLAIN, INFO, BOUND, new SeededBytes(4)::fill))
                .isInstanceOf(InvalidKeyException.class);
        byte[] tooLarge = xWing.clone();
        Arrays.fill(tooLarge, 0, 3, (byte) 0xff);
        assertThatThrownBy(() -> SealingSuite.X_WING.seal(tooLarge, PLAIN, INFO, BOUND, new SeededBytes(4)::fill))
                .isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void aKeyShowsNothingAndIsWiped() throws Exception {
        SealingKey own = SealingKey.of(SealingSuite.X_WING, new byte[32]);
        byte[] sealed = own.suite().seal(own.publicKey(), PLAIN, INFO, BOUND, new SeededBytes(4)::fill);
        assertThat(own).hasToString("SealingKey");
        own.close();
        assertThatThrownBy(() -> own.open(sealed, INFO, BOUND)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> SealingKey.of(SealingSuite.X25519, new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sealedBytesOpenOnlyForTheirKeyAndContextAndUnchanged() throws Exception {
        byte[] sealed = SealingKey.seal(key.publicKey(), PLAIN, INFO, BOUND, new SeededBytes(2)::fill);
        assertThat(sealed).hasSize(PLAIN.length + SealingKey.OVERHEAD_BYTES);
        assertThat(key.open(sealed, INFO, BOUND)).isEqualTo(PLAIN);
        SealingKey other = SealingKey.generate(new SeededBytes(3)::fill);
        assertBroken(() -> other.open(sealed, INFO, BOUND));
        assertBroken(() -> key.open(sealed, BOUND, BOUND));
        assertBroken(() -> key.open(sealed, INFO, INFO));
        for (int length = 0; length < sealed.length; length++) {
            byte[] shorter = Arrays.copyOf(sealed, length);
            assertBroken(() -> key.open(shorter, INFO, BOUND));
        }
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertBroken(() -> key.open(changed, INFO, BOUND));
        }
    }

    @Test
    void nothingIsSealedToAPointOfSmallOrder() {
        assertThatThrownBy(() -> SealingKey.seal(new byte[32], PLAIN, INFO, BOUND, new SeededBytes(4)::fill))
                .isInstanceOf(InvalidKeyException.class);
    }

    private static void assertSealsAndOpens(Map<String, String> row) throws Exception {
        byte[] publicKey = field(row, "pkRm");
        byte[] ephemeral = field(row, "skEm");
        byte[] sealed = SealingKey.seal(
                publicKey,
                field(row, "pt"),
                field(row, "info"),
                field(row, "aad"),
                bytes -> System.arraycopy(ephemeral, 0, bytes, 0, bytes.length));
        assertThat(sealed).isEqualTo(hex(row.get("enc") + row.get("ct")));
        try (SealingKey recipient = SealingKey.of(SealingSuite.X25519, field(row, "skRm"))) {
            assertThat(recipient.open(sealed, field(row, "info"), field(row, "aad")))
                    .isEqualTo(field(row, "pt"));
        }
    }

    private static byte[] field(Map<String, String> row, String name) {
        return hex(row.getOrDefault(name, ""));
    }

    private static void assertBroken(ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(SealBrokenException.class);
    }
}
