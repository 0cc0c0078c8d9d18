package dev.coppice.crypto.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.protocol.release.KeySignature;
import dev.coppice.testkit.SeededBytes;
import java.security.InvalidKeyException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KeyThresholdTest {
    private static final byte[] MESSAGE = "a manifest".getBytes(UTF_8);

    private final SigningKey first = key(SignatureAlgorithm.ED25519, 1);
    private final SigningKey second = key(SignatureAlgorithm.ED25519, 2);
    private final SigningKey third = key(SignatureAlgorithm.ED25519, 3);
    private final SigningKey lattice = key(SignatureAlgorithm.ML_DSA_65, 4);
    private final SigningKey stranger = key(SignatureAlgorithm.ED25519, 5);

    private final KeyThreshold twoOfFour = KeyThreshold.of(
            Stream.of(first, second, third, lattice)
                    .map(SigningKey::verifyingKey)
                    .toList(),
            2);

    @Test
    void enoughKeysOfEitherKindSuffice() {
        assertThat(isMet(twoOfFour, by(first), by(third))).isTrue();
        assertThat(isMet(twoOfFour, by(lattice), by(second))).isTrue();
        assertThat(isMet(twoOfFour, by(first), by(second), by(third), by(lattice)))
                .isTrue();
        assertThat(isMet(twoOfFour, by(first))).isFalse();
        assertThat(isMet(twoOfFour)).isFalse();
    }

    @Test
    void aKeyCountsOnceHoweverOftenItSigned() {
        assertThat(isMet(twoOfFour, by(first), by(first), by(first))).isFalse();
        assertThat(isMet(twoOfFour, by(lattice), by(lattice))).isFalse();
        VerifyingKey key = first.verifyingKey();
        assertThat(twoOfFour.isMetBy(List.of(key, key))).isFalse();
    }

    @Test
    void unknownKeysNeverCountUnderWhateverName() {
        assertThat(isMet(twoOfFour, by(first), by(stranger))).isFalse();
        assertThat(isMet(twoOfFour, by(first), named(second, by(stranger)))).isFalse();
        assertThat(twoOfFour.isMetBy(List.of(first.verifyingKey(), stranger.verifyingKey())))
                .isFalse();
    }

    @Test
    void signaturesOfOtherBytesOrForOtherPurposesNeverCount() {
        byte[] signature = second.sign(Purpose.CHECK_IN, MESSAGE);
        KeySignature elsewhere = by(second).toBuilder()
                .setSignature(ByteString.copyFrom(signature))
                .build();
        assertThat(isMet(twoOfFour, by(first), elsewhere)).isFalse();
        assertThat(twoOfFour.isMet(Purpose.RELEASE, "another".getBytes(UTF_8), List.of(by(first), by(second))))
                .isFalse();
    }

    @Test
    void aWrongSignatureDoesNotSpoilTheRightOneOfTheSameKey() {
        assertThat(isMet(twoOfFour, named(second, by(stranger)), by(second), by(first)))
                .isTrue();
    }

    @Test
    void whoBreaksOneAlgorithmMeetsNoThresholdThatRequiresTheOther() {
        KeyThreshold mixed = twoOfFour.requiring(SignatureAlgorithm.ML_DSA_65, 1);
        assertThat(isMet(mixed, by(first), by(second), by(third))).isFalse();
        assertThat(isMet(mixed, by(first), by(lattice))).isTrue();
        assertThat(isMet(mixed, by(lattice))).isFalse();
        KeyThreshold both = mixed.requiring(SignatureAlgorithm.ED25519, 2);
        assertThat(isMet(both, by(first), by(lattice))).isFalse();
        assertThat(isMet(both, by(first), by(lattice), by(second))).isTrue();
    }

    @Test
    void whatCannotBeMetIsNotMade() {
        VerifyingKey key = first.verifyingKey();
        assertThatThrownBy(() -> KeyThreshold.of(List.of(key), 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyThreshold.of(List.of(key), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyThreshold.of(List.of(key, key), 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> twoOfFour.requiring(SignatureAlgorithm.ML_DSA_65, 2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> twoOfFour.requiring(SignatureAlgorithm.ED25519, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anIdentifierNamesTheAlgorithmAndAKeyIsReadAsItsOwnKindOnly() throws InvalidKeyException {
        assertThat(first.verifyingKey().keyId()).hasSize(33).startsWith(1);
        assertThat(lattice.verifyingKey().keyId()).hasSize(33).startsWith(2);
        byte[] bytes = lattice.verifyingKey().bytes();
        assertThat(VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, bytes))
                .isEqualTo(lattice.verifyingKey())
                .hasSameHashCodeAs(lattice.verifyingKey())
                .isNotEqualTo(first.verifyingKey());
        assertThatThrownBy(() -> VerifyingKey.of(bytes)).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> VerifyingKey.of(SignatureAlgorithm.ML_DSA_65, new byte[32]))
                .isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void aLatticeKeyIsWipedAndNeverPrinted() {
        SigningKey key = key(SignatureAlgorithm.ML_DSA_65, 6);
        byte[] seed = key.seed();
        assertThat(SigningKey.of(SignatureAlgorithm.ML_DSA_65, seed).verifyingKey())
                .isEqualTo(key.verifyingKey());
        assertThat(key.sign(Purpose.RELEASE, MESSAGE)).isEqualTo(key.sign(Purpose.RELEASE, MESSAGE));
        assertThat(key).hasToString("SigningKey");
        key.close();
        key.close();
        assertThatThrownBy(() -> key.sign(Purpose.RELEASE, MESSAGE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(key::seed).isInstanceOf(IllegalStateException.class);
    }

    private static SigningKey key(SignatureAlgorithm algorithm, long seed) {
        return SigningKey.generate(algorithm, new SeededBytes(seed)::fill);
    }

    private static boolean isMet(KeyThreshold threshold, KeySignature... signatures) {
        return threshold.isMet(Purpose.RELEASE, MESSAGE, List.of(signatures));
    }

    private static KeySignature by(SigningKey key) {
        return KeySignature.newBuilder()
                .setKeyId(ByteString.copyFrom(key.verifyingKey().keyId()))
                .setSignature(ByteString.copyFrom(key.sign(Purpose.RELEASE, MESSAGE)))
                .build();
    }

    private static KeySignature named(SigningKey key, KeySignature signature) {
        return signature.toBuilder()
                .setKeyId(ByteString.copyFrom(key.verifyingKey().keyId()))
                .build();
    }
}
