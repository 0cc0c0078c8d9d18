package dev.coppice.aggregator.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.aggregator.traffic.Recording.Exchange;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The present server in place of the one that devices of each released version talked to: it must understand every byte that they sent,
 * and answer as they were answered. A recording is never changed; {@link TrafficRecorderTest} adds one.
 */
class OldTrafficTest {
    static final Path RECORDINGS = Path.of("src/test/resources/traffic");

    @TempDir
    Path folder;

    static Stream<Path> recordings() throws Exception {
        try (Stream<Path> files = Files.list(RECORDINGS)) {
            return files.sorted().toList().stream();
        }
    }

    private static ManualClock clock(Recording recording) {
        return new ManualClock(
                Instant.ofEpochMilli(recording.exchanges().getFirst().epochMillis()));
    }

    private TrafficServer server(Recording recording, ManualClock clock) throws Exception {
        return new TrafficServer(
                Recording.bytes(recording.serverKey()), Recording.bytes(recording.authorityKey()), folder, clock);
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void enrolmentsAreTaken(Path file) throws Exception {
        Recording recording = Recording.read(file);
        List<Exchange> enrolments =
                recording.exchanges().stream().filter(Exchange::isEnrolment).toList();
        assertThat(enrolments).hasSameSizeAs(recording.tokens());
        ManualClock clock = clock(recording);
        try (TrafficServer server = server(recording, clock)) {
            server.store.addTokens(
                    recording.tokens().stream()
                            .map(token -> Sha256.hex(Recording.bytes(token)))
                            .toList(),
                    certificate(enrolments.getFirst()).getPopulation());
            for (Exchange then : enrolments) {
                clock.set(Instant.ofEpochMilli(then.epochMillis()));
                Exchange now = server.exchange(then.path(), then.headers(), Recording.bytes(then.request()));
                assertThat(now.status()).isEqualTo(200);
                SignedMessages.verified(
                        EnrolReply.parseFrom(Recording.bytes(now.reply())).getCertificate(),
                        server.authority.verifyingKey(),
                        Purpose.DEVICE_CERTIFICATE);
                assertThat(certificate(now).toBuilder().clearDeviceId().build())
                        .as("but for the id, which is drawn")
                        .isEqualTo(certificate(then).toBuilder().clearDeviceId().build());
            }
        }
    }

    /** The server is another version from the moment on at which the round had opened. */
    @ParameterizedTest
    @MethodSource("recordings")
    void aRoundEndsAsItEndedThen(Path file) throws Exception {
        Recording recording = Recording.read(file);
        ManualClock clock = clock(recording);
        try (TrafficServer server = server(recording, clock)) {
            StoredTask task = task(recording);
            server.store.addTask(task);
            server.blobs.put(Recording.bytes(recording.task().candidate()));
            assertThat(server.store.open(round(recording, clock), 1)).isTrue();
            for (Exchange then : recording.exchanges()) {
                clock.set(Instant.ofEpochMilli(then.epochMillis()));
                if (then.isEnrolment()) {
                    enrolled(server, then);
                } else {
                    Exchange now = server.exchange(then.path(), then.headers(), Recording.bytes(then.request()));
                    assertThat(now).isEqualTo(then);
                }
            }
            StoredRound over =
                    server.store.findRound(recording.task().roundId()).orElseThrow();
            assertThat(over.phase()).isEqualTo(Phase.COMPLETED);
            assertThat(Safetensors.read(server.blobs.read(over.resultSha256())))
                    .isEqualTo(Safetensors.read(Recording.bytes(recording.result())));
        }
    }

    private static StoredTask task(Recording recording) throws Exception {
        Recording.Task kept = recording.task();
        TaskDefinition definition = TaskJson.parse(kept.definition().getBytes(StandardCharsets.UTF_8));
        return new StoredTask(
                kept.id(),
                definition.population(),
                definition.baseModelSha256(),
                kept.definition(),
                ByteString.copyFrom(Recording.bytes(kept.template())),
                StoredTask.State.OPEN,
                Sha256.hex(Recording.bytes(kept.candidate())),
                ByteString.EMPTY,
                ByteString.EMPTY,
                0);
    }

    private static StoredRound round(Recording recording, ManualClock clock) {
        return StoredRound.opening(
                recording.task().roundId(),
                recording.task().id(),
                1,
                ByteString.copyFrom(Recording.bytes(recording.task().terms())),
                clock.instant().plusSeconds(3600));
    }

    /** With the certificate that it got then: it is in what the device sent. */
    private static void enrolled(TrafficServer server, Exchange then) throws Exception {
        DeviceCertificate certificate = certificate(then);
        String token = Sha256.hex(certificate.getDeviceId().getBytes(StandardCharsets.UTF_8));
        server.store.addTokens(List.of(token), certificate.getPopulation());
        assertThat(server.store.redeem(
                        token,
                        new Device(
                                certificate.getDeviceId(),
                                certificate.getSigningKey(),
                                certificate.getPopulation(),
                                EnrolReply.parseFrom(Recording.bytes(then.reply()))
                                        .getCertificate()
                                        .toByteString(),
                                false)))
                .isTrue();
    }

    private static DeviceCertificate certificate(Exchange enrolment) throws Exception {
        return DeviceCertificate.parseFrom(EnrolReply.parseFrom(Recording.bytes(enrolment.reply()))
                .getCertificate()
                .getPayload());
    }
}
