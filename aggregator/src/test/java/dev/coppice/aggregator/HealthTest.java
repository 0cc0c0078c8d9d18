package dev.coppice.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.RecordingProxy;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.Postgres;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an orchestrator asks a process, and how that ends. */
@ExtendWith(Postgres.class)
class HealthTest {
    @TempDir
    private Path folder;

    @Test
    void whoHasLostItsDatabaseIsAliveAndNotReady() throws Exception {
        String url = Postgres.emptyDatabase();
        int port = URI.create(url.substring("jdbc:".length())).getPort();
        try (RecordingProxy way = new RecordingProxy(URI.create("http://127.0.0.1:" + port));
                AggregatorProcess process = new AggregatorProcess(
                        folder,
                        List.of(
                                "--database",
                                url.replace(":" + port, ":" + way.uri().getPort())),
                        Map.of(
                                "COPPICE_DATABASE_USER",
                                Postgres.USER,
                                "COPPICE_DATABASE_PASSWORD",
                                Postgres.PASSWORD))) {
            Wire wire = new Wire(List.of(process.uri()));
            assertThat(status(wire, "readiness")).isEqualTo(200);
            assertThat(status(wire, "liveness")).isEqualTo(200);
            way.cut();
            assertThat(status(wire, "readiness")).isEqualTo(503);
            assertThat(status(wire, "liveness")).isEqualTo(200);
        }
    }

    private static int status(Wire wire, String what) throws IOException {
        return wire.once(HttpRequest.newBuilder().GET(), "/health/" + what).statusCode();
    }

    /** A device that waits is told to ask again, by whichever process is there then. */
    @Test
    void whoIsToldToStopAnswersThoseWhoWaitAndIsGone() throws Exception {
        try (AggregatorProcess process = new AggregatorProcess(folder, List.of(), Map.of("COPPICE_POLL_HOLD", "50s"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Device device = process.operator().devices(1).getFirst();
            assertThat(process.operator().createTask(4, 8, 1, 3600)).isNotEmpty();
            VerifiedTerms terms = device.findRound().orElseThrow();
            Wire wire = new Wire(List.of(process.uri()));
            join(wire, process, device, terms);
            String path = "/v1/rounds/" + terms.roundId() + "/poll";
            Poll poll = Poll.newBuilder()
                    .setRoundId(terms.roundId())
                    .setAwaits(Poll.Step.ROSTER)
                    .build();
            Future<HttpResponse<byte[]>> held =
                    threads.submit(() -> wire.post(path, device.request(Purpose.POLL, poll)));
            Thread.sleep(1000);
            assertThat(held.isDone()).isFalse();
            long before = System.nanoTime();
            assertThat(process.terminate()).isIn(0, 143);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(25));
            HttpResponse<byte[]> reply = held.get(10, TimeUnit.SECONDS);
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(RoundReply.parseFrom(reply.body()).hasWait()).isTrue();
            assertThat(process.output()).doesNotContain("ERROR").doesNotContain("Exception");
        }
    }

    private static void join(Wire wire, AggregatorProcess process, Device device, VerifiedTerms terms)
            throws Exception {
        Member member = new Member(device.id(), device.key(), device.certificate());
        try (Advertised advertised = MaskingClient.advertise(
                terms,
                member,
                Peers.of(process.operator().keys().enrolment()),
                Instant.now(),
                new SeededBytes(1)::fill)) {
            byte[] body = device.request(Purpose.ADVERTISE, advertised.message());
            assertThat(wire.post("/v1/rounds/" + terms.roundId() + "/advertise", body)
                            .statusCode())
                    .isEqualTo(200);
        }
    }
}
