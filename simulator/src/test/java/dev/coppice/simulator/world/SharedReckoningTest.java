package dev.coppice.simulator.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.masking.Reckoning;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Devices that share their reckoning are told what each would have found alone, also who is lied to after another was not. */
class SharedReckoningTest {
    private static final Purpose PURPOSE = Purpose.ATTESTATION;

    private final SigningKey key = SigningKey.generate(SeededRandomSource.of(1));
    private final SigningKey other = SigningKey.generate(SeededRandomSource.of(2));
    private final AtomicInteger asked = new AtomicInteger();
    private final byte[] message = "survivors".getBytes(StandardCharsets.UTF_8);
    private final byte[] signature = key.sign(PURPOSE, message);
    private final SharedReckoning shared = shared(10);

    private SharedReckoning shared(int most) {
        return new SharedReckoning(
                new Reckoning() {
                    @Override
                    public boolean verifies(VerifyingKey by, Purpose purpose, byte[] signed, byte[] with) {
                        asked.incrementAndGet();
                        return EACH_TIME.verifies(by, purpose, signed, with);
                    }

                    @Override
                    public byte[] agree(byte[] secret, byte[] own, byte[] theirs) throws InvalidKeyException {
                        asked.incrementAndGet();
                        return EACH_TIME.agree(secret, own, theirs);
                    }
                },
                most);
    }

    @AfterEach
    void close() {
        key.close();
        other.close();
    }

    private boolean holds(VerifyingKey by, Purpose purpose, byte[] signed, byte[] with) {
        return shared.verifies(by, purpose, signed, with);
    }

    private static byte[] changed(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    @Test
    void whatOneFoundToHoldIsNotReckonedAgain() {
        assertThat(holds(key.verifyingKey(), PURPOSE, message, signature)).isTrue();
        assertThat(holds(key.verifyingKey(), PURPOSE, message.clone(), signature.clone()))
                .isTrue();
        assertThat(asked).hasValue(1);
    }

    @Test
    void aLieBesideWhatHoldsIsFoundOut() {
        assertThat(holds(key.verifyingKey(), PURPOSE, message, signature)).isTrue();
        for (int i = 0; i < message.length; i++) {
            assertThat(holds(key.verifyingKey(), PURPOSE, changed(message, i), signature))
                    .as("byte %d of the message", i)
                    .isFalse();
        }
        for (int i = 0; i < signature.length; i++) {
            assertThat(holds(key.verifyingKey(), PURPOSE, message, changed(signature, i)))
                    .as("byte %d of the signature", i)
                    .isFalse();
        }
        assertThat(holds(other.verifyingKey(), PURPOSE, message, signature)).isFalse();
        assertThat(holds(key.verifyingKey(), Purpose.SURVIVORS, message, signature))
                .isFalse();
    }

    @Test
    void whatDoesNotHoldDoesNotTheSecondTimeEither() {
        byte[] forged = other.sign(PURPOSE, message);
        assertThat(holds(key.verifyingKey(), PURPOSE, message, forged)).isFalse();
        assertThat(holds(key.verifyingKey(), PURPOSE, message, forged)).isFalse();
    }

    @Test
    void noMoreIsRememberedThanWasAsked() {
        SharedReckoning few = shared(1);
        byte[] second = key.sign(Purpose.SURVIVORS, message);
        assertThat(few.verifies(key.verifyingKey(), PURPOSE, message, signature))
                .isTrue();
        assertThat(few.verifies(key.verifyingKey(), Purpose.SURVIVORS, message, second))
                .isTrue();
        assertThat(few.verifies(key.verifyingKey(), PURPOSE, message, signature))
                .isTrue();
        assertThat(asked).hasValue(3);
    }

    @Test
    void twoAgreeOnOneSecretAndOnlyTheFirstOfThemReckons() throws InvalidKeyException {
        byte[] alice = secret(3);
        byte[] bob = secret(4);
        byte[] both = Agreement.agree(alice, Agreement.publicKey(bob));
        byte[] first = shared.agree(alice, Agreement.publicKey(alice), Agreement.publicKey(bob));
        assertThat(first).isEqualTo(both);
        Arrays.fill(first, (byte) 0); // as devices do
        assertThat(shared.agree(bob, Agreement.publicKey(bob), Agreement.publicKey(alice)))
                .isEqualTo(both);
        assertThat(asked).hasValue(1);
    }

    @Test
    void noOthersAreToldWhatTwoAgreedOn() throws InvalidKeyException {
        byte[] alice = secret(3);
        byte[] bob = secret(4);
        byte[] carol = secret(5);
        shared.agree(alice, Agreement.publicKey(alice), Agreement.publicKey(bob));
        assertThat(shared.agree(carol, Agreement.publicKey(carol), Agreement.publicKey(bob)))
                .isEqualTo(Agreement.agree(carol, Agreement.publicKey(bob)));
        assertThat(shared.agree(carol, Agreement.publicKey(carol), Agreement.publicKey(alice)))
                .isEqualTo(Agreement.agree(carol, Agreement.publicKey(alice)));
        assertThat(asked).hasValue(3);
    }

    @Test
    void aKeyThatGivesTheSameToAllIsRefusedEachTime() {
        byte[] alice = secret(3);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> shared.agree(alice, Agreement.publicKey(alice), new byte[Agreement.KEY_BYTES]))
                    .isInstanceOf(InvalidKeyException.class);
        }
    }

    private static byte[] secret(long seed) {
        return SeededRandomSource.of(seed).bytes(Agreement.KEY_BYTES);
    }
}
