package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are signed as HTTP has it (RFC 9421), good ones and others, to a real server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignedRequestsTest {
    private AggregatorProcess aggregator;
    private Wire wire;
    private Operator operator;
    private List<Device> devices;
    private VerifiedTerms terms;
    private long nonces;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        aggregator = new AggregatorProcess(folder);
        wire = new Wire(List.of(aggregator.uri()));
        operator = aggregator.operator();
        devices = operator.devices(5);
        assertThat(operator.createTask(4, 8, 1, 3600)).isNotEmpty();
        terms = devices.get(0).findRound().orElseThrow();
    }

    @AfterAll
    void stop() throws IOException {
        String output = aggregator.output();
        aggregator.close();
        assertThat(output).doesNotContain("Exception");
    }

    private Map<String, String> headers(Device device, Instant created, String path, MessageLite message) {
        byte[] nonce = ByteBuffer.allocate(16).putLong(8, ++nonces).array();
        return new HashMap<>(RequestSignature.sign(
                device.key(),
                device.id(),
                created,
                Base64.getEncoder().encodeToString(nonce),
                new RequestSignature.Request("POST", path, message.toByteArray())));
    }

    private HttpResponse<byte[]> send(String path, Map<String, String> headers, MessageLite message)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder().POST(BodyPublishers.ofByteArray(message.toByteArray()));
        headers.forEach(request::header);
        return wire.once(request, path);
    }

    private String pollPath() {
        return "/v1/rounds/" + terms.roundId() + "/poll";
    }

    private Poll poll() {
        return Poll.newBuilder()
                .setRoundId(terms.roundId())
                .setAwaits(Poll.Step.ROSTER)
                .build();
    }

    private static CheckIn checkIn(Device device, Instant sent) throws Exception {
        byte[] enveloped = device.checkIn(sent.toEpochMilli());
        return CheckIn.parseFrom(DeviceRequest.parseFrom(enveloped).getPayload());
    }

    @Test
    void aSignedRequestIsTakenOnce() throws Exception {
        Map<String, String> first = headers(devices.get(1), Instant.now(), pollPath(), poll());
        HttpResponse<byte[]> reply = send(pollPath(), first, poll());
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(RoundReply.parseFrom(reply.body()).getOver().getCode()).isEqualTo(Over.Code.NOT_A_MEMBER);
        assertThat(send(pollPath(), first, poll()).statusCode()).isEqualTo(409);
        Map<String, String> again = headers(devices.get(1), Instant.now(), pollPath(), poll());
        assertThat(send(pollPath(), again, poll()).statusCode()).isEqualTo(200);
    }

    @Test
    void aSignedCheckInIsAnsweredAndCountsOnceByItsOwnNonceToo() throws Exception {
        Device device = devices.get(2);
        CheckIn message = checkIn(device, Instant.now());
        HttpResponse<byte[]> reply =
                send("/v1/checkin", headers(device, Instant.now(), "/v1/checkin", message), message);
        assertThat(CheckInReply.parseFrom(reply.body()).hasAssignment()).isTrue();
        assertThat(send("/v1/checkin", headers(device, Instant.now(), "/v1/checkin", message), message)
                        .statusCode())
                .isEqualTo(409);
        CheckIn late = checkIn(device, Instant.now().minusSeconds(400));
        Map<String, String> stale = headers(device, Instant.now().minusSeconds(400), "/v1/checkin", late);
        assertThat(CheckInReply.parseFrom(send("/v1/checkin", stale, late).body())
                        .hasClockOff())
                .isTrue();
    }

    @Test
    void aRequestThatItsDeviceDidNotSignAsItCameIsRefused() throws Exception {
        Device device = devices.get(1);
        Map<String, String> good = headers(device, Instant.now(), pollPath(), poll());
        Poll changed = poll().toBuilder().setAwaits(Poll.Step.INBOX).build();
        assertThat(send(pollPath(), good, changed).statusCode()).isEqualTo(401);
        assertThat(send("/v1/rounds/" + terms.roundId() + "/sample", good, poll())
                        .statusCode())
                .isEqualTo(401);
        Map<String, String> ofOther = new HashMap<>(good);
        ofOther.computeIfPresent(
                "Signature-Input",
                (n, input) -> input.replace(device.id(), devices.get(2).id()));
        assertThat(send(pollPath(), ofOther, poll()).statusCode()).isEqualTo(401);
        try (SigningKey stranger = SigningKey.generate(RandomSource.secure())) {
            Map<String, String> forged = RequestSignature.sign(
                    stranger,
                    device.id(),
                    Instant.now(),
                    "A".repeat(22),
                    new RequestSignature.Request("POST", pollPath(), poll().toByteArray()));
            assertThat(send(pollPath(), forged, poll()).statusCode()).isEqualTo(401);
        }
        // with all that, the good one is still good
        assertThat(send(pollPath(), good, poll()).statusCode()).isEqualTo(200);
    }

    /** What is signed is the path as it travels, whatever it stands for. */
    @Test
    void thePathIsSignedAsItTravels() throws Exception {
        String id = terms.roundId();
        String travels = "/v1/rounds/%%%02x%s/poll".formatted((int) id.charAt(0), id.substring(1));
        Device device = devices.get(1);
        Map<String, String> decoded = headers(device, Instant.now(), pollPath(), poll());
        assertThat(send(travels, decoded, poll()).statusCode()).isEqualTo(401);
        Map<String, String> raw = headers(device, Instant.now(), travels, poll());
        assertThat(send(travels, raw, poll()).statusCode()).isEqualTo(200);
    }

    /** Whoever says twice what was signed is not believed for what the body says. */
    @Test
    void twoSignaturesAreNone() throws Exception {
        Device device = devices.get(1);
        byte[] enveloped = device.request(Purpose.POLL, poll());
        assertThat(wire.post(pollPath(), enveloped).statusCode()).isEqualTo(200);
        HttpRequest.Builder twice = HttpRequest.newBuilder().POST(BodyPublishers.ofByteArray(enveloped));
        for (int i = 0; i < 2; i++) {
            headers(device, Instant.now(), pollPath(), poll()).forEach(twice::header);
        }
        assertThat(wire.once(twice, pollPath()).statusCode()).isEqualTo(400);
        HttpRequest.Builder inputs = HttpRequest.newBuilder().POST(BodyPublishers.ofByteArray(enveloped));
        inputs.header("Signature-Input", "a").header("Signature-Input", "b");
        assertThat(wire.once(inputs, pollPath()).statusCode()).isEqualTo(400);
    }

    @Test
    void aClockMayBeOffByFiveMinutesAndNoMore() throws Exception {
        Device device = devices.get(1);
        for (int seconds : List.of(-310, 310, -1_000_000_000)) {
            Map<String, String> off = headers(device, Instant.now().plusSeconds(seconds), pollPath(), poll());
            assertThat(send(pollPath(), off, poll()).statusCode())
                    .as("%d s", seconds)
                    .isEqualTo(401);
        }
        for (int seconds : List.of(-280, 280)) {
            Map<String, String> near = headers(device, Instant.now().plusSeconds(seconds), pollPath(), poll());
            assertThat(send(pollPath(), near, poll()).statusCode())
                    .as("%d s", seconds)
                    .isEqualTo(200);
        }
    }

    @Test
    void aSignatureThatCoversLessIsMalformed() throws Exception {
        Map<String, String> good = headers(devices.get(1), Instant.now(), pollPath(), poll());
        for (String less : List.of("\"@method\" ", "\"@path\" ", " \"content-digest\"", ";tag=\"coppice-device\"")) {
            Map<String, String> weak = new HashMap<>(good);
            weak.computeIfPresent("Signature-Input", (n, input) -> input.replace(less, ""));
            HttpResponse<byte[]> reply = send(pollPath(), weak, poll());
            assertThat(reply.statusCode()).as(less).isEqualTo(400);
            assertThat(new String(reply.body(), StandardCharsets.UTF_8)).contains("A signature covers");
        }
    }

    @Test
    void aRevokedDeviceIsRefusedFromItsNextRequestOnInEitherForm() throws Exception {
        Device device = devices.get(3);
        String path = "/v1/admin/devices/" + device.id() + "/revocation";
        assertThat(new String(operator.send("GET", path, new byte[0]).body(), StandardCharsets.UTF_8))
                .contains("\"revoked\":false");
        assertThat(send(pollPath(), headers(device, Instant.now(), pollPath(), poll()), poll())
                        .statusCode())
                .isEqualTo(200);
        assertThat(operator.send("PUT", path, new byte[0]).statusCode()).isEqualTo(200);
        HttpResponse<byte[]> reply = send(pollPath(), headers(device, Instant.now(), pollPath(), poll()), poll());
        assertThat(reply.statusCode()).isEqualTo(403);
        assertThat(new String(reply.body(), StandardCharsets.UTF_8)).isEqualTo("This device was revoked");
        assertThat(wire.post(pollPath(), device.request(Purpose.POLL, poll())).statusCode())
                .isEqualTo(403);
        assertThat(wire.post("/v1/checkin", device.checkIn(System.currentTimeMillis()))
                        .statusCode())
                .isEqualTo(403);
        assertThat(operator.send("PUT", "/v1/admin/devices/d-nobody/revocation", new byte[0])
                        .statusCode())
                .isEqualTo(404);
        assertThat(send(pollPath(), headers(devices.get(1), Instant.now(), pollPath(), poll()), poll())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aDeviceThatAsksTooOftenIsToldWhenToComeAgainAndNobodyElseIs() throws Exception {
        Device device = devices.get(4);
        HttpResponse<byte[]> last = null;
        int asked = 0;
        do {
            last = send(pollPath(), headers(device, Instant.now(), pollPath(), poll()), poll());
            asked++;
        } while (last.statusCode() == 200 && asked < 2000);
        assertThat(last.statusCode()).isEqualTo(429);
        assertThat(asked).isGreaterThan(100);
        assertThat(last.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 2L);
        assertThat(send(pollPath(), headers(devices.get(1), Instant.now(), pollPath(), poll()), poll())
                        .statusCode())
                .isEqualTo(200);
        // what others forge in its name costs it nothing
        Map<String, String> forged = headers(devices.get(1), Instant.now(), pollPath(), poll());
        forged.computeIfPresent(
                "Signature-Input",
                (n, input) -> input.replace(devices.get(1).id(), devices.get(2).id()));
        for (int i = 0; i < 150; i++) {
            assertThat(send(pollPath(), forged, poll()).statusCode()).isEqualTo(401);
        }
        assertThat(send(pollPath(), headers(devices.get(2), Instant.now(), pollPath(), poll()), poll())
                        .statusCode())
                .isEqualTo(200);
        assertThat(ByteString.copyFrom(last.body()).toStringUtf8()).contains("Too many requests");
    }
}
