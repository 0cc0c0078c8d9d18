package dev.coppice.aggregator.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.store.kafka.BrokerProcess;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.testkit.Broker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How many masked inputs of real devices an aggregator takes that keeps each of them (PostgreSQL with {@code fsync}, or Kafka),
 * beside bodies of the same length that the same process reads as a whole and refuses at first sight, and, with Kafka, beside its
 * own producer. All in turn, in one run, with the sender on the same machine. Between passes the inputs are taken out of the
 * database again, so that the same devices may send them anew. Prints one line of JSON.
 *
 * <p>{@code -Dingestion.kafka=true}, {@code -Dingestion.replicas=1}, {@code -Dingestion.devices=200}, {@code
 * -Dingestion.passes=20}, {@code -Dingestion.soak=0} (passes more, for memory).
 */
final class MeasureIngestion {
    private static final boolean KAFKA = Boolean.getBoolean("ingestion.kafka");
    private static final int REPLICAS = Integer.getInteger("ingestion.replicas", 1);
    private static final int DEVICES = Integer.getInteger("ingestion.devices", 200);
    private static final int PASSES = Integer.getInteger("ingestion.passes", 20);
    private static final int SOAK = Integer.getInteger("ingestion.soak", 0);
    private static final int VALUES = Integer.getInteger("ingestion.values", 1 << 17);
    private static final int CONNECTIONS = 16;
    private static final String PRODUCED = "produced";
    private static final int PHASE_SECONDS = 36_000;
    private static final int WARM_UP = 5;

    private final EmbeddedPostgres database;
    private final Optional<String> brokers;
    private final List<AggregatorProcess> replicas = new ArrayList<>();
    private final ObjectNode told = new ObjectMapper().createObjectNode();

    private MeasureIngestion(Path folder, EmbeddedPostgres database, Optional<String> brokers) throws IOException {
        this.database = database;
        this.brokers = brokers;
        List<String> options = new ArrayList<>(List.of(
                "--database",
                "jdbc:postgresql://127.0.0.1:" + database.getPort() + "/postgres",
                "--secrets",
                folder.resolve("secrets").toString(),
                "--blobs",
                folder.resolve("blobs").toString()));
        brokers.ifPresent(servers -> options.addAll(List.of("--kafka", servers)));
        Map<String, String> environment = Map.of(
                "COPPICE_DATABASE_USER", "postgres",
                "COPPICE_DATABASE_PASSWORD", "postgres",
                "COPPICE_LIMITS_DEVICE_REQUESTS_PER_SECOND", "0");
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(
                    new AggregatorProcess(folder.resolve("replica-" + i), List.of("-Xmx512m"), options, environment));
        }
    }

    private void measure() throws Exception {
        Queue<byte[]> recorded = new ConcurrentLinkedQueue<>();
        String round = openRound(recorded);
        List<byte[]> inputs = List.copyOf(recorded);
        List<byte[]> refused = inputs.stream().map(MeasureIngestion::spoiled).toList();
        List<Integer> ports =
                replicas.stream().map(replica -> replica.uri().getPort()).toList();
        String path = "/v1/rounds/" + round + "/masked";
        if (brokers.isPresent()) {
            makeTopic(brokers.get());
        }
        told.put("what", KAFKA ? "ingestion over Kafka" : "ingestion");
        told.put("replicas", REPLICAS).put("inputs", inputs.size()).put("inputBytes", inputs.getFirst().length);
        try (Uploads keeping = new Uploads(ports, CONNECTIONS, path, 200, inputs);
                Uploads discarding = new Uploads(ports, CONNECTIONS, path, 400, refused)) {
            double[] kept = new double[PASSES];
            double[] discarded = new double[PASSES];
            double[] produced = new double[PASSES];
            for (int i = -WARM_UP; i < PASSES; i++) {
                forget(round);
                double keptSeconds = keeping.all().seconds();
                double discardedSeconds = discarding.all().seconds();
                double producedSeconds = brokers.isPresent() ? produce(brokers.get(), inputs) : 1;
                if (i >= 0) {
                    kept[i] = inputs.size() / keptSeconds;
                    discarded[i] = inputs.size() / discardedSeconds;
                    produced[i] = inputs.size() / producedSeconds;
                }
            }
            told.put("keptPerSecond", median(kept)).put("discardedPerSecond", median(discarded));
            told.put("percentOfDiscarded", 100 * median(kept) / median(discarded));
            if (brokers.isPresent()) {
                told.put("producedPerSecond", median(produced));
                told.put("percentOfProduced", 100 * median(kept) / median(produced));
            }
            tellLatency(keeping, round, 0.7 * median(kept));
            tellMemory(keeping, round);
        }
        System.out.println(told);
    }

    private void tellLatency(Uploads keeping, String round, double perSecond) throws Exception {
        List<Double> all = new ArrayList<>();
        for (int i = 0; i < PASSES; i++) {
            forget(round);
            all.addAll(keeping.paced(perSecond).millis());
        }
        double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        told.put("pacedPerSecond", perSecond);
        told.put("p50Millis", sorted[sorted.length / 2]).put("p99Millis", sorted[sorted.length * 99 / 100]);
    }

    private void tellMemory(Uploads keeping, String round) throws Exception {
        told.put("residentMiB", residentMiB());
        int more = 0;
        for (int i = 0; i < SOAK; i++) {
            forget(round);
            more += keeping.all().millis().size();
            if (i == SOAK / 4) {
                told.put("residentMiBAfterAQuarter", residentMiB());
            }
        }
        told.put("moreInputs", more).put("residentMiBAfterThem", residentMiB());
    }

    private double residentMiB() throws IOException {
        for (String line :
                Files.readAllLines(Path.of("/proc/" + replicas.getFirst().pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Integer.parseInt(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        throw new IOException("no resident memory");
    }

    /** Plays a round up to masked inputs; one device sends none, and so the round stays where it is. */
    private String openRound(Queue<byte[]> recorded) throws Exception {
        List<URI> servers = replicas.stream().map(AggregatorProcess::uri).toList();
        Wire wire = new Wire(servers, (path, request, reply) -> {
            if (path.endsWith("/masked")) {
                recorded.add(request);
            }
        });
        Operator operator = new Operator(wire, replicas.getFirst().token());
        List<Device> devices = operator.devices(DEVICES + 1);
        operator.create(operator.task(DEVICES + 1, DEVICES + 1, 1, PHASE_SECONDS, VALUES));
        CountDownLatch masked = new CountDownLatch(DEVICES);
        Device.Watcher watcher = new Device.Watcher() {
            @Override
            public void before(String step, int number) {}

            @Override
            public void replied(String step, int number, RoundReply reply) {
                if (step.equals("masked") && reply.hasReceived()) {
                    masked.countDown();
                }
            }
        };
        String round = devices.getFirst().findRound().orElseThrow().roundId();
        List<Future<RoundReply>> playing = new ArrayList<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        for (Device device : devices) {
            Device.Stop stop = device == devices.getLast() ? Device.Stop.AFTER_SHARING : Device.Stop.NEVER;
            playing.add(threads.submit(() -> device.takePart(device.findRound().orElseThrow(), stop, watcher)));
        }
        if (!masked.await(10, TimeUnit.MINUTES)) {
            throw new IOException("the round does not get as far as masked inputs: " + masked + " " + playing);
        }
        threads.shutdownNow(); // they wait for survivors
        return round;
    }

    private void forget(String round) throws SQLException, InterruptedException {
        Thread.sleep(KAFKA ? 1_000 : 0); // what was taken through a log is recorded a little later
        try (Connection connection = database.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("delete from step where name = 'MASKED' and round_id = '" + round + "'");
            statement.execute("delete from part where round_id = '" + round + "'");
            statement.execute("update round set masked = 0 where id = '" + round + "'");
        }
    }

    /** No message: its first field has a number that there is not. */
    private static byte[] spoiled(byte[] input) {
        byte[] spoiled = input.clone();
        Arrays.fill(spoiled, 0, 16, (byte) 0xff);
        return spoiled;
    }

    /** Kafka's own producer, as it is when told to wait for all copies. */
    private static double produce(String brokers, List<byte[]> records) throws Exception {
        Map<String, Object> settings =
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers, ProducerConfig.ACKS_CONFIG, "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            long start = System.nanoTime();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (byte[] record : records) {
                sent.add(producer.send(new ProducerRecord<>(PRODUCED, record)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void makeTopic(String brokers) throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers))) {
            admin.createTopics(List.of(new NewTopic(PRODUCED, 12, (short) 1)))
                    .all()
                    .get();
        }
    }

    /** Where the process starts. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int port = Broker.freePort();
        Optional<String> brokers = KAFKA ? Optional.of("127.0.0.1:" + port) : Optional.empty();
        try (EmbeddedPostgres database = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("database"))
                .start()) {
            if (KAFKA) {
                try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker"), Map.of(port, port))) {
                    measure(folder, database, brokers);
                    broker.kill();
                }
            } else {
                measure(folder, database, brokers);
            }
        }
    }

    private static void measure(Path folder, EmbeddedPostgres database, Optional<String> brokers) throws Exception {
        MeasureIngestion measurement = new MeasureIngestion(folder, database, brokers);
        try {
            measurement.measure();
        } finally {
            measurement.replicas.forEach(AggregatorProcess::close);
        }
    }
}
