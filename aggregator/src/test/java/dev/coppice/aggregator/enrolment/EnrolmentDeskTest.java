package dev.coppice.aggregator.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.enrolment.RenewRequest;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Who may be certified: the holder of a key, with a token that nobody else spent. */
class EnrolmentDeskTest {
    private final MemoryStore store = new MemoryStore();
    private final SigningKey authority = key(1);
    private final ManualClock clock = ManualClock.atNewYear();
    private final EnrolmentDesk desk = new EnrolmentDesk(store, authority, new SeededBytes(2)::fill, clock);
    private final String token = desk.tokens(1, "home").get(0);

    @Test
    void aTokenIsGoodForOneKeyAndAsOftenAsThatKeyAsks() throws Exception {
        Signed first = desk.enrol(request(key(3), key(3))).getCertificate();
        assertThat(desk.enrol(request(key(3), key(3))).getCertificate()).isEqualTo(first);
        assertRefused(Kind.FORBIDDEN, request(key(4), key(4)));
        DeviceCertificate certificate = DeviceCertificate.parseFrom(
                SignedMessages.verified(first, authority.verifyingKey(), Purpose.DEVICE_CERTIFICATE));
        assertThat(certificate.getSigningKey().toByteArray())
                .isEqualTo(key(3).verifyingKey().bytes());
        assertThat(certificate.getPopulation()).isEqualTo("home");
        assertThat(certificate.getNotAfterEpochSeconds() - clock.instant().getEpochSecond())
                .isEqualTo(90 * 86_400);
    }

    /** Or else a device could enrol another's key, and the other could not enrol any more. */
    @Test
    void aKeyIsEnrolledByItsHolderOnly() {
        assertRefused(Kind.UNAUTHENTICATED, request(key(3), key(4)));
    }

    @Test
    void anUnknownTokenAdmitsNobody() {
        EnrolmentDesk other = new EnrolmentDesk(new MemoryStore(), authority, new SeededBytes(5)::fill, clock);
        assertThatThrownBy(() -> other.enrol(request(key(3), key(3))))
                .isInstanceOfSatisfying(
                        RequestRefusedException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FORBIDDEN));
    }

    /** Who reads the database can enrol nobody. */
    @Test
    void tokensAreKeptAsHashesOnly() {
        assertThat(store.findToken(token)).isEmpty();
        assertThat(store.findToken(Sha256.hex(HexFormat.of().parseHex(token)))).isPresent();
    }

    @Test
    void anEnrolledDeviceChangesItsKeyAndMayAskAgainWithTheNewOne() throws Exception {
        Device before = enrolled();
        Signed renewed = desk.renew(before, renewal(before, key(6), key(6))).getCertificate();
        DeviceCertificate certificate = DeviceCertificate.parseFrom(
                SignedMessages.verified(renewed, authority.verifyingKey(), Purpose.DEVICE_CERTIFICATE));
        assertThat(certificate.getDeviceId()).isEqualTo(before.id());
        assertThat(certificate.getSigningKey().toByteArray())
                .isEqualTo(key(6).verifyingKey().bytes());
        Device after = store.findDevice(before.id()).orElseThrow();
        assertThat(desk.renew(after, renewal(after, key(6), key(6))).getCertificate())
                .as("the reply was lost")
                .isEqualTo(renewed);
        assertThatThrownBy(() -> desk.renew(before, renewal(before, key(7), key(7))))
                .as("who stole the old key")
                .isInstanceOf(RequestRefusedException.class);
    }

    /** Or else a device could take another's key over before the other enrols it. */
    @Test
    void aNextKeyIsShownToBeHeldByThatVeryDevice() throws Exception {
        Device device = enrolled();
        assertThatThrownBy(() -> desk.renew(device, renewal(device, key(6), key(3))))
                .isInstanceOf(RequestRefusedException.class);
        Device other = new Device("d-other", device.signingKey(), "home", device.certificate(), false);
        assertThatThrownBy(() -> desk.renew(device, renewal(other, key(6), key(6))))
                .isInstanceOf(RequestRefusedException.class);
    }

    private Device enrolled() throws Exception {
        Signed certificate = desk.enrol(request(key(3), key(3))).getCertificate();
        return store.findDevice(
                        DeviceCertificate.parseFrom(certificate.getPayload()).getDeviceId())
                .orElseThrow();
    }

    private static RenewRequest renewal(Device device, SigningKey next, SigningKey signer) {
        ByteString publicKey = ByteString.copyFrom(next.verifyingKey().bytes());
        byte[] proven = ByteString.copyFromUtf8(device.id()).concat(publicKey).toByteArray();
        return RenewRequest.newBuilder()
                .setSigningKey(publicKey)
                .setProof(ByteString.copyFrom(signer.sign(Purpose.RENEWAL_PROOF, proven)))
                .build();
    }

    private byte[] request(SigningKey enrolled, SigningKey signer) {
        ByteString tokenBytes = ByteString.copyFrom(HexFormat.of().parseHex(token));
        ByteString publicKey = ByteString.copyFrom(enrolled.verifyingKey().bytes());
        byte[] proven = tokenBytes.concat(publicKey).toByteArray();
        return EnrolRequest.newBuilder()
                .setToken(tokenBytes)
                .setSigningKey(publicKey)
                .setProof(ByteString.copyFrom(signer.sign(Purpose.ENROLMENT_PROOF, proven)))
                .build()
                .toByteArray();
    }

    private void assertRefused(Kind kind, byte[] request) {
        assertThatThrownBy(() -> desk.enrol(request))
                .isInstanceOfSatisfying(
                        RequestRefusedException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static SigningKey key(long seed) {
        return SigningKey.generate(new SeededBytes(seed)::fill);
    }
}
