package dev.coppice.aggregator.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Fleet;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDesk;
import dev.coppice.aggregator.traffic.Recording.Exchange;
import dev.coppice.crypto.signing.RequestSignature;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records a round of four devices over HTTP, two that sign their requests by headers and two that use the envelope of 0.1. With
 * {@code -Dtraffic.write=NAME} it becomes a file of {@link OldTrafficTest}: once for each released version, never over one that is there.
 */
class TrafficRecorderTest {
    private static final int DEVICES = 4;

    @TempDir
    Path folder;

    private final List<Exchange> exchanges = new ArrayList<>();
    private final Map<String, Device> signsByHeaders = new ConcurrentHashMap<>();
    private final SeededBytes random = new SeededBytes(System.nanoTime());

    @Test
    void aRoundIsRecordedAndGoesAgain() throws Exception {
        byte[] serverSeed = seed();
        byte[] authoritySeed = seed();
        try (TrafficServer server = new TrafficServer(serverSeed, authoritySeed, folder, InstantSource.system())) {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            http.createContext("/", exchange -> serve(server, exchange));
            http.start();
            try {
                Recording recording = recorded(server, http, serverSeed, authoritySeed);
                String name = System.getProperty("traffic.write", "");
                Path file = (name.isEmpty() ? folder : OldTrafficTest.RECORDINGS).resolve(name + ".json.gz");
                assertThat(file).doesNotExist();
                recording.write(file);
                OldTrafficTest again = new OldTrafficTest();
                again.folder = folder;
                again.enrolmentsAreTaken(file);
                again.aRoundEndsAsItEndedThen(file);
            } finally {
                http.stop(0);
            }
        }
    }

    private byte[] seed() {
        try (SigningKey key = SigningKey.generate(random::fill)) {
            return key.seed();
        }
    }

    private Recording recorded(TrafficServer server, HttpServer http, byte[] serverSeed, byte[] authoritySeed)
            throws Exception {
        byte[] candidate = candidate();
        String definition = definition(server.blobs.put(candidate));
        StoredTask task = new TaskDesk(server.store, server.blobs, random::fill)
                .create(definition.getBytes(StandardCharsets.UTF_8));
        server.keeper.tick();
        StoredRound open = server.store.rounds(task.id()).getFirst();
        List<byte[]> tokens = server.enrolment.tokens(DEVICES, Operator.POPULATION).stream()
                .map(HexFormat.of()::parseHex)
                .toList();
        Wire wire = new Wire(
                List.of(URI.create("http://127.0.0.1:" + http.getAddress().getPort())));
        Operator.Keys keys = new Operator.Keys(server.server.verifyingKey(), server.authority.verifyingKey());
        List<Device> devices = new ArrayList<>();
        for (byte[] token : tokens) {
            Device device = new Device(wire, devices.size(), token, keys);
            if (devices.size() % 2 == 0) {
                signsByHeaders.put(device.id(), device);
            }
            devices.add(device);
        }
        new Fleet(devices).takePart(i -> Device.Stop.NEVER, (step, number) -> {});
        StoredRound over = server.store.findRound(open.id()).orElseThrow();
        assertThat(over.phase()).isEqualTo(Phase.COMPLETED);
        return new Recording(
                Recording.text(serverSeed),
                Recording.text(authoritySeed),
                new Recording.Task(
                        task.id(),
                        definition,
                        Recording.text(task.template().toByteArray()),
                        Recording.text(candidate),
                        open.id(),
                        Recording.text(open.terms().toByteArray())),
                tokens.stream().map(Recording::text).toList(),
                List.copyOf(exchanges),
                Recording.text(server.blobs.read(over.resultSha256())));
    }

    private void serve(TrafficServer server, HttpExchange http) throws IOException {
        String path = http.getRequestURI().getRawPath();
        byte[] body = http.getRequestBody().readAllBytes();
        Exchange exchange;
        synchronized (exchanges) {
            try {
                exchange = exchange(server, path, body);
            } catch (Exception e) {
                throw new IOException("It broke at " + path, e);
            }
            exchanges.add(exchange);
        }
        byte[] reply = Recording.bytes(exchange.reply());
        http.sendResponseHeaders(exchange.status(), reply.length == 0 ? -1 : reply.length);
        http.getResponseBody().write(reply);
        http.close();
    }

    /** Opens the envelope of a device that does without. */
    private Exchange exchange(TrafficServer server, String path, byte[] body) throws Exception {
        if (path.equals("/v1/enrol")) {
            return server.exchange(path, Map.of(), body);
        }
        DeviceRequest enveloped = DeviceRequest.parseFrom(body);
        Device device = signsByHeaders.get(enveloped.getDeviceId());
        if (device == null) {
            return server.exchange(path, Map.of(), body);
        }
        byte[] payload = enveloped.getPayload().toByteArray();
        byte[] nonce = new byte[16];
        random.fill(nonce);
        Map<String, String> headers = RequestSignature.sign(
                device.key(),
                device.id(),
                InstantSource.system().instant(),
                Base64.getEncoder().encodeToString(nonce),
                new RequestSignature.Request("POST", path, payload));
        return server.exchange(path, new HashMap<>(headers), payload);
    }

    private static byte[] candidate() {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(16))));
        return Safetensors.write(AdapterWeights.of(layout, new float[16]));
    }

    private static String definition(String candidateSha256) {
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, LoraSpec.none(), List.of("yes", "no"), 4, 16);
        return """
            {"skill": "s", "population": "%s", "baseModelSha256": "%s", "kitSpec": %s, "kitSha256": "%s",
             "initialAdapterSha256": "%s", "rounds": 1, "localSteps": 1, "learningRate": 0.1, "examplesMin": 1,
             "clipNorm": 1.0, "epsilon": null, "delta": 1e-8,
             "cohort": {"min": 4, "max": 4, "dropoutBound": 0.25, "corruptionBound": 0.0},
             "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
             "phaseSeconds": {"advertise": 3600, "shares": 3600, "masked": 3600, "unmask": 3600}}
            """.formatted(
                        Operator.POPULATION,
                        Operator.BASE_MODEL,
                        ByteString.copyFrom(kit.toJson()).toStringUtf8(),
                        "ab".repeat(32),
                        candidateSha256);
    }
}
