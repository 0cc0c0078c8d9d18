package dev.coppice.agent.checkin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.agent.store.TestKeys;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Transport;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.enrolment.RenewRequest;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.ComeBack;
import dev.coppice.protocol.round.ExampleCounts;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device says of itself: whose key it is, for what, and never the same twice. */
class FrontDeskTest {
    private static final ByteString TOKEN = ByteString.copyFrom("0123456789abcdef0123456789abcdef".getBytes(US_ASCII));
    private static final String MODEL = "ab".repeat(32);

    @TempDir
    Path home;

    private final ManualClock clock = ManualClock.atNewYear();
    private final SigningKey authority = key(1);
    private final List<Transport.Request> sent = new ArrayList<>();
    private final Deque<Integer> answers = new ArrayDeque<>();
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
    void enrollingProvesThatTheKeyIsOursAndForThisToken() throws Exception {
        desk(3).enrol(wire(), identity, TOKEN.toByteArray());
        EnrolRequest request = EnrolRequest.parseFrom(sent.get(0).body());
        assertThat(request.getToken()).isEqualTo(TOKEN);
        assertThat(identity.key().verifyingKey().bytes())
                .isEqualTo(request.getSigningKey().toByteArray());
        assertProof(request.getSigningKey(), Purpose.ENROLMENT_PROOF, TOKEN, request.getProof());
        assertThat(identity.hasCertificate()).isTrue();
    }

    @Test
    void renewingProvesThatTheNextKeyIsOursAndForThisDevice() throws Exception {
        identity.keep(
                certificate(ByteString.copyFrom(identity.key().verifyingKey().bytes())), "people");
        VerifyingKey before = identity.key().verifyingKey();
        desk(3).renew(wire(), identity);
        RenewRequest request = renewal(0, before);
        assertProof(
                request.getSigningKey(),
                Purpose.RENEWAL_PROOF,
                ByteString.copyFromUtf8("device-1"),
                request.getProof());
        assertThat(identity.key().verifyingKey().bytes())
                .isEqualTo(request.getSigningKey().toByteArray());
    }

    /** The reply to the first renewal was lost: the aggregator knows the next key only. */
    @Test
    void whoIsNotKnownAnyMoreAsksByTheNextKeyAndNobodyElseDoes() throws Exception {
        identity.keep(
                certificate(ByteString.copyFrom(identity.key().verifyingKey().bytes())), "people");
        VerifyingKey before = identity.key().verifyingKey();
        answers.add(403);
        assertThatThrownBy(() -> desk(3).renew(wire(), identity)).isInstanceOf(ServerRefusedException.class);
        assertThat(sent).as("refused for another reason").hasSize(1);
        answers.add(401);
        desk(3).renew(wire(), identity);
        assertThat(sent).hasSize(3);
        ByteString next = renewal(1, before).getSigningKey();
        assertThat(renewal(2, VerifyingKey.of(next.toByteArray())).getSigningKey())
                .isEqualTo(next);
    }

    @Test
    void checkInsNameTheDevicesPeopleModelAndTimeAndAreNeverTheSame() throws Exception {
        Set<ByteString> nonces = new HashSet<>();
        Member member = new Member("device-1", identity.key(), Signed.getDefaultInstance());
        for (int seed = 3; seed < 6; seed++) { // as after restarts
            FrontDesk desk = desk(seed);
            for (int i = 0; i < 20; i++) {
                desk.checkIn(wire(), member, 5);
                DeviceRequest request =
                        DeviceRequest.parseFrom(sent.get(sent.size() - 1).body());
                CheckIn checkIn = CheckIn.parseFrom(
                        SignedMessages.verified(request, identity.key().verifyingKey(), Purpose.CHECK_IN));
                assertThat(nonces.add(checkIn.getNonce())).isTrue();
                assertThat(checkIn.getNonce().size()).isEqualTo(16);
                assertThat(checkIn.getPopulation()).isEqualTo("people");
                assertThat(checkIn.getBaseModelSha256()).isEqualTo(MODEL);
                assertThat(checkIn.getSkill()).isEqualTo("lights");
                assertThat(checkIn.getDeviceClass()).isEqualTo("phone");
                assertThat(checkIn.getExamples()).isEqualTo(ExampleCounts.of(5));
                assertThat(checkIn.getSentEpochMillis()).isEqualTo(clock.millis());
            }
        }
    }

    private FrontDesk desk(long seed) {
        return new FrontDesk(
                new FrontDesk.Traits("people", MODEL, "lights", "phone"), clock, new SeededBytes(seed)::fill);
    }

    /** To an aggregator that answers with the next of {@link #answers}, or else with what is asked for. */
    private Wire wire() {
        return new Wire(
                request -> {
                    sent.add(request);
                    int status = answers.isEmpty() ? 200 : answers.remove();
                    return new Transport.Reply(status, status == 200 ? reply(request) : ByteString.EMPTY);
                },
                length -> {});
    }

    private ByteString reply(Transport.Request request) throws IOException {
        return switch (request.path()) {
            case "/v1/enrol" -> enrolled(EnrolRequest.parseFrom(request.body()).getSigningKey());
            case "/v1/renew" ->
                enrolled(RenewRequest.parseFrom(
                                DeviceRequest.parseFrom(request.body()).getPayload())
                        .getSigningKey());
            default ->
                CheckInReply.newBuilder()
                        .setComeBack(ComeBack.newBuilder().setAfterMillis(1))
                        .build()
                        .toByteString();
        };
    }

    private ByteString enrolled(ByteString key) {
        return EnrolReply.newBuilder().setCertificate(certificate(key)).build().toByteString();
    }

    private Signed certificate(ByteString key) {
        return SignedMessages.sign(
                authority,
                Purpose.DEVICE_CERTIFICATE,
                DeviceCertificate.newBuilder()
                        .setDeviceId("device-1")
                        .setSigningKey(key)
                        .setPopulation("people")
                        .setNotBeforeEpochSeconds(0)
                        .setNotAfterEpochSeconds(1L << 40)
                        .build());
    }

    private RenewRequest renewal(int index, VerifyingKey signer) throws Exception {
        DeviceRequest request = DeviceRequest.parseFrom(sent.get(index).body());
        assertThat(request.getDeviceId()).isEqualTo("device-1");
        return RenewRequest.parseFrom(SignedMessages.verified(request, signer, Purpose.RENEWAL));
    }

    private static void assertProof(ByteString key, Purpose purpose, ByteString about, ByteString proof)
            throws Exception {
        assertThat(VerifyingKey.of(key.toByteArray())
                        .verifies(purpose, about.concat(key).toByteArray(), proof.toByteArray()))
                .isTrue();
    }

    private static SigningKey key(long seed) {
        return SigningKey.generate(new SeededBytes(seed)::fill);
    }
}
