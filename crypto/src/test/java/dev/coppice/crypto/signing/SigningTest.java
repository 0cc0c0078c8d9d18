package dev.coppice.crypto.signing;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.FlatJson;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Poll;
import dev.coppice.testkit.SeededBytes;
import dev.coppice.testkit.TestData;
import java.security.InvalidKeyException;
import java.util.Map;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;

class SigningTest {
    private final SigningKey key = SigningKey.generate(new SeededBytes(1)::fill);
    private final Poll message = Poll.newBuilder().setRoundId("round-1").build();

    /** RFC 8032, section 7.1, test 2. */
    @Test
    void keysAndSignaturesAreThoseOfTheRfc() throws InvalidKeyException {
        SigningKey rfc = SigningKey.of(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        byte[] publicKey = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assertThat(rfc.verifyingKey().bytes()).isEqualTo(publicKey);
        byte[] signature = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        assertThat(VerifyingKey.of(publicKey).verifiesBytes(hex("72"), signature))
                .isTrue();
        assertThat(VerifyingKey.of(publicKey).verifiesBytes(hex("73"), signature))
                .isFalse();
        byte[] made = new byte[64];
        Ed25519.sign(rfc.seed(), 0, hex("72"), 0, 1, made, 0);
        assertThat(made).isEqualTo(signature);
    }

    @Test
    void everyCaseOfWycheproofIsJudgedRightly() throws InvalidKeyException {
        VerifyingKey current = key.verifyingKey();
        int cases = 0;
        for (Map<String, String> row : FlatJson.objects(TestData.find("vectors/wycheproof/ed25519_test.json"))) {
            if (row.containsKey("pk")) {
                current = VerifyingKey.of(hex(row.getOrDefault("pk", "")));
            } else if (row.containsKey("tcId")) {
                byte[] signed = hex(row.getOrDefault("msg", ""));
                assertThat(current.verifiesBytes(signed, hex(row.getOrDefault("sig", ""))))
                        .as("case %s", row.get("tcId"))
                        .isEqualTo("valid".equals(row.get("result")));
                cases++;
            }
        }
        assertThat(cases).isEqualTo(151);
    }

    @Test
    void aSignatureHoldsForItsKeyItsPurposeAndItsMessageOnly() throws SignatureRefusedException {
        Signed signed = SignedMessages.sign(key, Purpose.POLL, message);
        assertThat(SignedMessages.verified(signed, key.verifyingKey(), Purpose.POLL))
                .isEqualTo(message.toByteArray());
        SigningKey other = SigningKey.generate(new SeededBytes(2)::fill);
        assertThatThrownBy(() -> SignedMessages.verified(signed, key.verifyingKey(), Purpose.UNMASK))
                .isInstanceOf(SignatureRefusedException.class);
        assertThatThrownBy(() -> SignedMessages.verified(signed, other.verifyingKey(), Purpose.POLL))
                .isInstanceOf(SignatureRefusedException.class);
        Signed changed = signed.toBuilder()
                .setPayload(Poll.getDefaultInstance().toByteString())
                .build();
        assertThatThrownBy(() -> SignedMessages.verified(changed, key.verifyingKey(), Purpose.POLL))
                .isInstanceOf(SignatureRefusedException.class);
        assertThatThrownBy(() -> SignedMessages.verified(Signed.getDefaultInstance(), key.verifyingKey(), Purpose.POLL))
                .isInstanceOf(SignatureRefusedException.class);
    }

    @Test
    void aRequestCarriesItsDeviceAndHoldsForItsEndpointOnly() throws SignatureRefusedException {
        DeviceRequest request = SignedMessages.request("device-1", key, Purpose.POLL, message);
        assertThat(request.getDeviceId()).isEqualTo("device-1");
        assertThat(SignedMessages.verified(request, key.verifyingKey(), Purpose.POLL))
                .isEqualTo(message.toByteArray());
        assertThatThrownBy(() -> SignedMessages.verified(request, key.verifyingKey(), Purpose.UNMASK))
                .isInstanceOf(SignatureRefusedException.class);
    }

    @Test
    void whatIsNoPublicKeyIsRefused() {
        byte[] identity = new byte[32];
        identity[0] = 1; // of order 1: every message would have a signature
        assertThatThrownBy(() -> VerifyingKey.of(identity)).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> VerifyingKey.of(new byte[31])).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> VerifyingKey.of(hex("ff".repeat(32)))).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void aStoredSeedGivesTheSameKey() {
        assertThat(SigningKey.of(key.seed()).verifyingKey())
                .isEqualTo(key.verifyingKey())
                .hasSameHashCodeAs(key.verifyingKey());
        assertThat(key.verifyingKey().keyId()).hasSize(32);
        assertThatThrownBy(() -> SigningKey.of(new byte[33])).isInstanceOf(IllegalArgumentException.class);
    }
}
