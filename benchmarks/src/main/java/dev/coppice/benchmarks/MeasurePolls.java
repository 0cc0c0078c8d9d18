package dev.coppice.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.Advertised;
import dev.coppice.crypto.masking.MaskingClient;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.enrolment.EnrolReply;
import dev.coppice.protocol.enrolment.EnrolRequest;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.Poll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What devices cost that wait for a round's next step, each on a connection of its own, from this process, over several addresses of
 * this machine. All show as one enrolled device: what the aggregator does for each is the same.
 */
@Command(
        name = "measure-polls",
        mixinStandardHelpOptions = true,
        description = "Holds many polls open; prints one line of JSON.")
public final class MeasurePolls implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PER_ADDRESS = 5_000;

    @Option(names = "--folder", required = true, description = "for the aggregator's home; must be new")
    private Path folder = Path.of("");

    @Option(names = "--devices", defaultValue = "20000", description = "default: ${DEFAULT-VALUE}")
    private int devices = 20_000;

    @Option(names = "--hold-seconds", defaultValue = "50", description = "of a poll; default: ${DEFAULT-VALUE}")
    private int holdSeconds = 50;

    @Option(names = "--seconds", defaultValue = "60", description = "that all wait; default: ${DEFAULT-VALUE}")
    private int seconds = 60;

    @Option(names = "--heap", defaultValue = "512m", description = "of the aggregator; default: ${DEFAULT-VALUE}")
    private String heap = "512m";

    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public Integer call() throws Exception {
        Map<String, String> environment = Map.of(
                "COPPICE_POLL_HOLD", holdSeconds + "s",
                "COPPICE_LIMITS_DEVICE_REQUESTS_PER_SECOND", "0",
                "COPPICE_LIMITS_ADDRESS_REQUESTS_PER_SECOND", "0",
                "COPPICE_LIMITS_ADDRESS_CONNECTIONS", "0");
        try (MeasuredAggregator aggregator = MeasuredAggregator.start(
                folder.resolve("home"), List.of("-Xmx" + heap, "-XX:+UseSerialGC"), environment)) {
            double before = aggregator.residentMiB();
            byte[] poll = memberPoll(aggregator);
            measure(aggregator, poll, before).print();
        }
        return 0;
    }

    private Answer measure(MeasuredAggregator aggregator, byte[] poll, double idleMiB) throws Exception {
        try (Selector selector = Selector.open()) {
            List<SocketChannel> open = new ArrayList<>();
            for (int i = 0; i < devices; i++) {
                SocketChannel channel = SocketChannel.open();
                channel.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.1." + (1 + i / PER_ADDRESS)), 0));
                channel.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), aggregator.port()));
                write(channel, poll);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ);
                open.add(channel);
            }
            double cpu = aggregator.cpuSeconds();
            long end = System.nanoTime() + seconds * 1_000_000_000L;
            int replies = 0;
            double most = 0;
            ByteBuffer buffer = ByteBuffer.allocate(8192);
            while (System.nanoTime() < end) {
                selector.select(1000);
                for (SelectionKey key : selector.selectedKeys()) {
                    SocketChannel channel = (SocketChannel) key.channel();
                    buffer.clear();
                    if (channel.read(buffer) < 0) {
                        throw new IOException("the aggregator hung up after " + replies + " replies");
                    }
                    if (!new String(buffer.array(), 0, 15, StandardCharsets.US_ASCII).equals("HTTP/1.1 200 OK")) {
                        throw new IOException(
                                "a poll got " + new String(buffer.array(), 0, 40, StandardCharsets.US_ASCII));
                    }
                    replies++;
                    write(channel, poll);
                }
                selector.selectedKeys().clear();
                most = Math.max(most, aggregator.residentMiB());
            }
            Answer answer = new Answer("idle polls")
                    .add("devices", devices)
                    .add("holdSeconds", holdSeconds)
                    .add("heap", heap)
                    .add("residentMiBBefore", idleMiB)
                    .add("residentMiBMost", most)
                    .add("replies", replies)
                    .add("seconds", seconds)
                    .add("cpuSeconds", aggregator.cpuSeconds() - cpu);
            for (SocketChannel channel : open) {
                channel.close();
            }
            return answer;
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    /** The bytes of a request by a device that has joined a round and waits for its roster. */
    private byte[] memberPoll(MeasuredAggregator aggregator) throws Exception {
        String baseModel = Sha256.hex("a model".getBytes(StandardCharsets.UTF_8));
        JsonNode tokens = admin(aggregator, "POST", "/v1/admin/enrolment-tokens", """
                {"count": 1, "population": "home"}""".getBytes(StandardCharsets.UTF_8));
        JsonNode keys = JSON.readTree(send(aggregator, "GET", "/v1/keys", new byte[0], "none"));
        admin(aggregator, "POST", "/v1/admin/tasks", task(aggregator, baseModel));
        RandomSource random = RandomSource.secure();
        SigningKey key = SigningKey.generate(random);
        Signed certificate = enrol(
                aggregator,
                key,
                HexFormat.of().parseHex(tokens.path("tokens").path(0).asText()));
        String id = DeviceCertificate.parseFrom(certificate.getPayload()).getDeviceId();
        CheckIn checkIn = CheckIn.newBuilder()
                .setPopulation("home")
                .setBaseModelSha256(baseModel)
                .setSentEpochMillis(System.currentTimeMillis())
                .setNonce(ByteString.copyFrom(random.bytes(16)))
                .build();
        Signed offered = CheckInReply.parseFrom(request(aggregator, "/v1/checkin", id, key, Purpose.CHECK_IN, checkIn))
                .getAssignment()
                .getTerms();
        VerifiedTerms terms = VerifiedTerms.verify(offered, verifying(keys, "server"));
        try (Advertised advertised = MaskingClient.advertise(
                terms,
                new Member(id, key, certificate),
                Peers.of(verifying(keys, "enrolment")),
                Instant.now(),
                random)) {
            request(
                    aggregator,
                    "/v1/rounds/" + terms.roundId() + "/advertise",
                    id,
                    key,
                    Purpose.ADVERTISE,
                    advertised.message());
        }
        Poll poll = Poll.newBuilder()
                .setRoundId(terms.roundId())
                .setAwaits(Poll.Step.ROSTER)
                .build();
        byte[] body = SignedMessages.request(id, key, Purpose.POLL, poll).toByteArray();
        byte[] head = ("POST /v1/rounds/" + terms.roundId() + "/poll HTTP/1.1\r\nHost: aggregator\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    private static VerifyingKey verifying(JsonNode keys, String name) throws Exception {
        return VerifyingKey.of(HexFormat.of().parseHex(keys.path(name).asText()));
    }

    private Signed enrol(MeasuredAggregator aggregator, SigningKey key, byte[] token) throws Exception {
        ByteString publicKey = ByteString.copyFrom(key.verifyingKey().bytes());
        byte[] about = ByteString.copyFrom(token).concat(publicKey).toByteArray();
        EnrolRequest request = EnrolRequest.newBuilder()
                .setToken(ByteString.copyFrom(token))
                .setSigningKey(publicKey)
                .setProof(ByteString.copyFrom(key.sign(Purpose.ENROLMENT_PROOF, about)))
                .build();
        return EnrolReply.parseFrom(send(aggregator, "POST", "/v1/enrol", request.toByteArray(), "none"))
                .getCertificate();
    }

    private byte[] task(MeasuredAggregator aggregator, String baseModel) throws Exception {
        ParameterLayout layout = ParameterLayout.of(List.of(new TensorSpec("adapter", List.of(40))));
        byte[] zeros = Safetensors.write(AdapterWeights.of(layout, new float[40]));
        String initial = admin(aggregator, "PUT", "/v1/admin/blobs", zeros)
                .path("sha256")
                .asText();
        KitSpec kit = new KitSpec(Task.TEXT_CLASSIFICATION, LoraSpec.none(), List.of("yes", "no"), 4, 16);
        ObjectNode task = (ObjectNode) JSON.readTree("""
                {"skill": "s", "population": "home", "rounds": 1, "localSteps": 1, "learningRate": 0.01, "examplesMin": 1,
                 "clipNorm": 1.0, "epsilon": null, "delta": 1e-8,
                 "cohort": {"min": 4, "max": 8, "dropoutBound": 0.3, "corruptionBound": 0.0},
                 "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
                 "phaseSeconds": {"advertise": 36000, "shares": 3600, "masked": 3600, "unmask": 3600}}
                """);
        task.put("baseModelSha256", baseModel).put("kitSha256", baseModel).put("initialAdapterSha256", initial);
        task.set("kitSpec", JSON.readTree(kit.toJson()));
        return JSON.writeValueAsBytes(task);
    }

    private byte[] request(
            MeasuredAggregator aggregator, String path, String id, SigningKey key, Purpose purpose, MessageLite message)
            throws Exception {
        byte[] body = SignedMessages.request(id, key, purpose, message).toByteArray();
        return send(aggregator, "POST", path, body, "none");
    }

    private JsonNode admin(MeasuredAggregator aggregator, String method, String path, byte[] body) throws Exception {
        return JSON.readTree(send(aggregator, method, path, body, "Bearer " + aggregator.token()));
    }

    private byte[] send(MeasuredAggregator aggregator, String method, String path, byte[] body, String authorization)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        aggregator.address().resolve(path))
                .method(method, BodyPublishers.ofByteArray(body));
        if (!authorization.equals("none")) {
            request.header("authorization", authorization);
        }
        HttpResponse<byte[]> reply = client.send(request.build(), BodyHandlers.ofByteArray());
        if (reply.statusCode() != 200) {
            throw new IOException(
                    path + " got " + reply.statusCode() + " " + new String(reply.body(), StandardCharsets.UTF_8));
        }
        return reply.body();
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new MeasurePolls()).execute(args));
    }
}
