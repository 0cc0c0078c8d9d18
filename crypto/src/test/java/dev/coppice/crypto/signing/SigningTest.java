package dev.coppice.crypto.signing;

import static dev.coppice.crypto.FlatJson.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Poll;
import dev.coppice.testkit.SeededBytes;
import java.security.InvalidKeyException;
import org.junit.jupiter.api.Test;

class SigningTest {
    private final SigningKey key = SigningKey.generate(new SeededBytes(1)::fill);
    private final Poll message = Poll.newBuilder().setRoundId("round-1").build();

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
        assertThatThrownBy(() -> SigningKey.of(new byte[33])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyIsReadAsItsOwnKindOnly() throws InvalidKeyException {
        VerifyingKey lattice = lattice().verifyingKey();
        assertThat(VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, lattice.bytes()))
                .isEqualTo(lattice)
                .hasSameHashCodeAs(lattice)
                .isNotEqualTo(key.verifyingKey());
        assertThatThrownBy(() -> VerifyingKey.of(lattice.bytes())).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, new byte[32]))
                .isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void aLatticeKeyIsWipedAndNeverPrinted() {
        SigningKey lattice = lattice();
        byte[] seed = lattice.seed();
        assertThat(SigningKey.of(SignatureAlgorithm.ML_DSA_65, seed).verifyingKey())
                .isEqualTo(lattice.verifyingKey());
        byte[] bytes = message.toByteArray();
        assertThat(lattice.sign(Purpose.POLL, bytes)).isEqualTo(lattice.sign(Purpose.POLL, bytes));
        assertThat(lattice).hasToString("SigningKey");
        lattice.close();
        lattice.close();
        assertThatThrownBy(() -> lattice.sign(Purpose.POLL, bytes)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(lattice::seed).isInstanceOf(IllegalStateException.class);
    }

    private static SigningKey lattice() {
        return SigningKey.generate(SignatureAlgorithm.ML_DSA_65, new SeededBytes(6)::fill);
    }
}
