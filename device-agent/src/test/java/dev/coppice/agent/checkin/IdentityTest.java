package dev.coppice.agent.checkin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.agent.store.TestKeys;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    private static final long NOT_BEFORE = 1_000;
    private static final long NOT_AFTER = 2_000;

    @TempDir
    Path home;

    private final SigningKey authority = key(1);
    private Identity identity;

    @BeforeEach
    void open() throws Exception {
        identity = Identity.open(home, TestKeys.STORAGE, authority::verifyingKey, new SeededBytes(2)::fill);
    }

    @AfterEach
    void close() {
        identity.close();
    }

    @Test
    void aCertificateIsGoodFromItsFirstSecondUntilItsLast() throws Exception {
        identity.keep(signed(authority, identity.key(), "people"), "people");
        assertThat(isMember(NOT_BEFORE - 1)).isFalse();
        assertThat(isMember(NOT_BEFORE)).isTrue();
        assertThat(isMember(NOT_AFTER - 1)).isTrue();
        assertThat(isMember(NOT_AFTER)).isFalse();
    }

    @Test
    void aCertificateThatIsNotOursIsNotKept() throws Exception {
        Signed stranger = signed(key(3), identity.key(), "people");
        assertThatThrownBy(() -> identity.keep(stranger, "people")).isInstanceOf(SignatureRefusedException.class);
        Signed others = signed(authority, key(4), "people");
        assertThatThrownBy(() -> identity.keep(others, "people")).isInstanceOf(IOException.class);
        Signed elsewhere = signed(authority, identity.key(), "office");
        assertThatThrownBy(() -> identity.keep(elsewhere, "people")).isInstanceOf(IOException.class);
        assertThat(isMember(NOT_BEFORE)).isFalse();
    }

    @Test
    void theIdentityIsTheSameAfterARestartAndSignsNoMoreAfterClosing() throws Exception {
        identity.keep(signed(authority, identity.key(), "people"), "people");
        try (Identity again =
                Identity.open(home, TestKeys.STORAGE, authority::verifyingKey, new SeededBytes(5)::fill)) {
            assertThat(again.key().verifyingKey()).isEqualTo(identity.key().verifyingKey());
            assertThat(again.member("people", Instant.ofEpochSecond(NOT_BEFORE)))
                    .isPresent();
        }
        identity.close();
        assertThatThrownBy(() -> identity.key().sign(Purpose.POLL, new byte[0]))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Or else the enrolment authority could give a device another's place. */
    @Test
    void aNextKeyIsForTheSameDeviceOnly() throws Exception {
        identity.keep(signed(authority, identity.key(), "people"), "people");
        try (SigningKey next = identity.nextKey()) {
            Signed others = signed(authority, "d-2", next, "people");
            assertThatThrownBy(() -> identity.renew(others, "people")).isInstanceOf(IOException.class);
            assertThat(identity.deviceId()).contains("d-1");
            identity.renew(signed(authority, next, "people"), "people");
            assertThat(identity.key().verifyingKey()).isEqualTo(next.verifyingKey());
        }
    }

    private boolean isMember(long epochSeconds) throws IOException {
        return identity.member("people", Instant.ofEpochSecond(epochSeconds)).isPresent();
    }

    private static Signed signed(SigningKey authority, SigningKey certified, String population) {
        return signed(authority, "d-1", certified, population);
    }

    private static Signed signed(SigningKey authority, String deviceId, SigningKey certified, String population) {
        DeviceCertificate certificate = DeviceCertificate.newBuilder()
                .setDeviceId(deviceId)
                .setSigningKey(ByteString.copyFrom(certified.verifyingKey().bytes()))
                .setPopulation(population)
                .setNotBeforeEpochSeconds(NOT_BEFORE)
                .setNotAfterEpochSeconds(NOT_AFTER)
                .build();
        return SignedMessages.sign(authority, Purpose.DEVICE_CERTIFICATE, certificate);
    }

    private static SigningKey key(long seed) {
        return SigningKey.generate(new SeededBytes(seed)::fill);
    }
}
