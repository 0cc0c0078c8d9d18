package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that nobody honest would send: each gets the code of its class of error, and none a 500. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsTest {
    private static final int MUTATIONS = 150;
    private static final Map<String, Purpose> STEPS = Map.of(
            "advertise", Purpose.ADVERTISE,
            "shares", Purpose.SHARES,
            "masked", Purpose.MASKED_INPUT,
            "unmask", Purpose.UNMASK,
            "poll", Purpose.POLL);

    private AggregatorProcess aggregator;
    private Wire wire;
    private Operator operator;
    private List<Device> devices;
    private VerifiedTerms terms;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        aggregator = new AggregatorProcess(folder);
        wire = new Wire(List.of(aggregator.uri()));
        operator = aggregator.operator();
        devices = operator.devices(4);
        assertThat(operator.createTask(4, 8, 1, 3600)).isNotEmpty();
        terms = devices.get(0).findRound().orElseThrow();
    }

    @AfterAll
    void stop() throws IOException {
        String output = aggregator.output();
        aggregator.close();
        assertThat(output).doesNotContain("Exception");
    }

    private int status(String path, byte[] body) throws IOException {
        HttpResponse<byte[]> reply = wire.post(path, body);
        String text = new String(reply.body(), StandardCharsets.ISO_8859_1);
        assertThat(text).doesNotContain("Exception").doesNotContain("dev.coppice");
        return reply.statusCode();
    }

    private String path(String step) {
        return "/v1/rounds/" + terms.roundId() + "/" + step;
    }

    private Advertisement advertisement(Device device, long seed) throws Exception {
        Member member = new Member(device.id(), device.key(), device.certificate());
        VerifyingKey authority = operator.keys().enrolment();
        try (Advertised advertised = MaskingClient.advertise(
                terms, member, Peers.of(authority), Instant.now(), new SeededBytes(seed)::fill)) {
            return advertised.message();
        }
    }

    @Test
    void aCheckInCountsOnceAndWhileItIsFresh() throws Exception {
        Device device = devices.get(1);
        long now = System.currentTimeMillis();
        byte[] fresh = device.checkIn(now);
        assertThat(status("/v1/checkin", fresh)).isEqualTo(200);
        assertThat(status("/v1/checkin", fresh)).isEqualTo(409);
        for (long sent : List.of(now - 400_000, now + 400_000, Long.MIN_VALUE)) {
            CheckInReply reply = CheckInReply.parseFrom(
                    wire.post("/v1/checkin", device.checkIn(sent)).body());
            assertThat(reply.hasClockOff()).as("sent %d", sent).isTrue();
            assertThat(reply.hasAssignment() || reply.hasComeBack()).isFalse();
        }
    }

    @Test
    void aForgedRequestIsNotTaken() throws Exception {
        Device device = devices.get(1);
        DeviceRequest good = DeviceRequest.parseFrom(device.checkIn(System.currentTimeMillis()));
        byte[] other = good.toBuilder().setDeviceId(devices.get(2).id()).build().toByteArray();
        byte[] unknown = good.toBuilder().setDeviceId("d-nobody").build().toByteArray();
        byte[] unsigned = good.toBuilder().clearSignature().build().toByteArray();
        byte[] changed = good.toBuilder()
                .setPayload(good.getPayload().concat(ByteString.copyFromUtf8("x")))
                .build()
                .toByteArray();
        for (byte[] forged : List.of(other, unknown, unsigned, changed)) {
            assertThat(status("/v1/checkin", forged)).isEqualTo(401);
        }
        // signed, but for another endpoint
        assertThat(status(path("poll"), good.toByteArray())).isEqualTo(401);
        assertThat(status("/v1/checkin", good.toByteArray())).isEqualTo(200);
    }

    @Test
    void aDeviceIsInACohortOnceAndAsItselfOnly() throws Exception {
        Device device = devices.get(2);
        Device thief = devices.get(3);
        Advertisement own = advertisement(device, 1);
        byte[] first = device.request(Purpose.ADVERTISE, own);
        assertThat(status(path("advertise"), thief.request(Purpose.ADVERTISE, own)))
                .isEqualTo(403);
        assertThat(status(path("advertise"), first)).isEqualTo(200);
        assertThat(status(path("advertise"), first)).isEqualTo(200); // a retry
        byte[] second = device.request(Purpose.ADVERTISE, advertisement(device, 2));
        assertThat(status(path("advertise"), second)).isEqualTo(409);
        assertThat(status("/v1/rounds/another/advertise", first)).isEqualTo(400);
        assertThat(device.findRound()).isEmpty(); // it is in already
    }

    @Test
    void aStepBeforeItsTimeOrByAStrangerChangesNothing() throws Exception {
        Device stranger = devices.get(3);
        MaskedInput early = MaskedInput.newBuilder().setRoundId(terms.roundId()).build();
        HttpResponse<byte[]> reply = wire.post(path("masked"), stranger.request(Purpose.MASKED_INPUT, early));
        assertThat(RoundReply.parseFrom(reply.body()).getOver().getCode()).isEqualTo(Over.Code.NOT_A_MEMBER);
        MaskedInput lost = MaskedInput.newBuilder().setRoundId("nothing").build();
        assertThat(status("/v1/rounds/nothing/masked", stranger.request(Purpose.MASKED_INPUT, lost)))
                .isEqualTo(404);
    }

    @Test
    void aTokenAdmitsOneKeyAndAStrangersTokenNobody() throws Exception {
        EnrolRequest empty = EnrolRequest.getDefaultInstance();
        assertThat(status("/v1/enrol", empty.toByteArray())).isEqualTo(400);
        byte[] token = new byte[32];
        Device device = devices.get(1);
        byte[] key = device.key().verifyingKey().bytes();
        EnrolRequest unproven = EnrolRequest.newBuilder()
                .setToken(ByteString.copyFrom(token))
                .setSigningKey(ByteString.copyFrom(key))
                .build();
        assertThat(status("/v1/enrol", unproven.toByteArray())).isEqualTo(401);
        ByteString message = ByteString.copyFrom(token).concat(ByteString.copyFrom(key));
        byte[] proof = device.key().sign(Purpose.ENROLMENT_PROOF, message.toByteArray());
        EnrolRequest proven =
                unproven.toBuilder().setProof(ByteString.copyFrom(proof)).build();
        assertThat(status("/v1/enrol", proven.toByteArray())).isEqualTo(403);
    }

    @Test
    void whatIsTooLongIsNotRead() throws Exception {
        assertThat(status("/v1/enrol", new byte[4096])).isEqualTo(413);
        assertThat(status("/v1/checkin", new byte[4096])).isEqualTo(413);
        assertThat(status(path("advertise"), new byte[8192])).isEqualTo(413);
        assertThat(status(path("poll"), new byte[4096])).isEqualTo(413);
    }

    @Test
    void theLongestThatIsTakenIsNotTooLong() throws Exception {
        for (Map.Entry<String, Integer> most :
                Map.of(path("poll"), 2048, "/console/login", 65_536).entrySet()) {
            assertThat(status(most.getKey(), new byte[most.getValue()]))
                    .as(most.getKey())
                    .isNotEqualTo(413);
            assertThat(status(most.getKey(), new byte[most.getValue() + 1]))
                    .as(most.getKey())
                    .isEqualTo(413);
        }
    }

    @Test
    void onlyTheOperatorsTokenOpensTheAdminApi() throws Exception {
        Operator impostor = new Operator(wire, "0".repeat(64));
        for (String path : List.of("enrolment-tokens", "tasks", "rounds/x/close", "nothing")) {
            assertThat(impostor.send("POST", "/v1/admin/" + path, new byte[] {1})
                            .statusCode())
                    .as(path)
                    .isEqualTo(401);
            HttpRequest.Builder bare = HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody());
            assertThat(wire.once(bare, "/v1/admin/" + path).statusCode()).isEqualTo(401);
        }
    }

    /** Paths that a server might decode before it looks for them. */
    @Test
    void noPathLeadsOutOfTheBlobs() throws Exception {
        for (String path :
                List.of("..%2foperator.token", "..%2f..%2fhome%2foperator.token", "%2fetc%2fpasswd", "port")) {
            HttpResponse<byte[]> reply = wire.once(HttpRequest.newBuilder().GET(), "/v1/blobs/" + path);
            assertThat(reply.statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void aSecondAggregatorDoesNotGetTheHome() {
        assertThatThrownBy(() -> Home.claim(aggregator.home()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Another aggregator runs on");
    }

    @Test
    void aTaskThatCannotBeRunIsRefusedWithItsReason() throws Exception {
        for (var change :
                List.of(Map.entry("epsilon", "1e-9"), Map.entry("rounds", "0"), Map.entry("clipNorm", "-1"))) {
            var task = operator.task(4, 8, 1, 10);
            task.put(change.getKey(), Double.parseDouble(change.getValue()));
            HttpResponse<byte[]> reply =
                    operator.send("POST", "/v1/admin/tasks", task.toString().getBytes(StandardCharsets.UTF_8));
            assertThat(reply.statusCode()).as(change.getKey()).isEqualTo(422);
            assertThat(new String(reply.body(), StandardCharsets.UTF_8)).contains("\"status\":422", "\"detail\":");
        }
    }

    /** Each seed tries every endpoint with noise, with mutations of a true request, and with those properly signed. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void noBytesMakeAnEndpointFail(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, MessageLite> messages = messages(seed);
        byte[] task = operator.task(4, 8, 1, 10).toString().getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < MUTATIONS; i++) {
            for (Map.Entry<String, MessageLite> message : messages.entrySet()) {
                byte[] body = body(message.getKey(), message.getValue(), i, random);
                assertThat(status(path(message.getKey()), body))
                        .as("seed %d, try %d, %s", seed, i, message.getKey())
                        .isLessThan(500);
            }
            for (String path : List.of("/v1/enrol", "/v1/checkin")) {
                byte[] body =
                        i % 2 == 0 ? noise(random) : mutated(devices.get(0).checkIn(0), random);
                assertThat(status(path, body))
                        .as("seed %d, try %d, %s", seed, i, path)
                        .isLessThan(500);
            }
            for (String path : List.of("tasks", "enrolment-tokens")) {
                byte[] body = i % 2 == 0 ? noise(random) : mutated(task, random);
                assertThat(operator.send("POST", "/v1/admin/" + path, body).statusCode())
                        .as("seed %d, try %d, %s", seed, i, path)
                        .isLessThan(500);
            }
        }
    }

    private Map<String, MessageLite> messages(long seed) throws Exception {
        String round = terms.roundId();
        ByteString packed = ByteString.copyFrom(new byte[96]);
        return Map.of(
                "advertise",
                advertisement(devices.get(0), seed),
                "shares",
                ShareBundle.newBuilder().setRoundId(round).build(),
                "masked",
                MaskedInput.newBuilder().setRoundId(round).setPacked(packed).build(),
                "unmask",
                Unmasking.newBuilder().setRoundId(round).build(),
                "poll",
                Poll.newBuilder().setRoundId(round).setAwaits(Poll.Step.ROSTER).build());
    }

    /** The poll is a stranger's: a member's would be held open. */
    private byte[] body(String step, MessageLite message, int number, SplittableRandom random) {
        Device sender = devices.get(step.equals("poll") ? 3 : 0);
        Purpose purpose = STEPS.getOrDefault(step, Purpose.POLL);
        byte[] payload = mutated(message.toByteArray(), random);
        byte[] signed = DeviceRequest.newBuilder()
                .setDeviceId(sender.id())
                .setPayload(ByteString.copyFrom(payload))
                .setSignature(ByteString.copyFrom(sender.key().sign(purpose, payload)))
                .build()
                .toByteArray();
        return switch (number % 3) {
            case 0 -> signed;
            case 1 -> mutated(signed, random);
            default -> noise(random);
        };
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] mutated(byte[] bytes, SplittableRandom random) {
        byte[] mutated = bytes.clone();
        for (int i = random.nextInt(4); i > 0 && mutated.length > 0; i--) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
        }
        return random.nextInt(5) == 0 && mutated.length > 1
                ? Arrays.copyOf(mutated, random.nextInt(mutated.length))
                : mutated;
    }
}
