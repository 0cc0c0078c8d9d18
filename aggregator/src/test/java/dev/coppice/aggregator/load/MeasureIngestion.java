package dev.coppice.aggregator.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.aggregator.Application;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.fleet.Wire;
import dev.coppice.aggregator.load.Uploads.Upload;
import dev.coppice.aggregator.store.kafka.BrokerProcess;
import dev.coppice.crypto.RandomSource;
import dev.coppice.protocol.DeviceRequest;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.testkit.Broker;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
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
 * How many masked inputs of real devices an aggregator takes that keeps each of them (in its home folder, in a PostgreSQL with
 * {@code fsync}, or in Kafka), beside bodies of the same length that the same process reads as a whole and refuses at first sight,
 * and, with Kafka, beside its own producer. All in turn, in one run, with the sender on the same machine. Requests are signed as
 * today's agents do it. Between passes the inputs are taken out of the database again, so that the same devices may send them
 * anew. Prints one line of JSON.
 *
 * <p>{@code -Dingestion.store=embedded} or {@code postgresql} or {@code kafka}, {@code -Dingestion.replicas=1}, {@code
 * -Dingestion.devices=200}, {@code -Dingestion.passes=20}, {@code -Dingestion.soak=0} (inputs more, for memory, which is told every
 * 10,000), {@code -Dingestion.jvm=} (options of the aggregator's).
 */
final class MeasureIngestion {
    private enum Kept {
        EMBEDDED,
        POSTGRESQL,
        KAFKA
    }

    private static final Kept KEPT =
            Kept.valueOf(System.getProperty("ingestion.store", "embedded").toUpperCase(Locale.ROOT));
    private static final int REPLICAS = Integer.getInteger("ingestion.replicas", 1);
    private static final int DEVICES = Integer.getInteger("ingestion.devices", 200);
    private static final int PASSES = Integer.getInteger("ingestion.passes", 20);
    private static final int SOAK = Integer.getInteger("ingestion.soak", 0);
    private static final int VALUES = Integer.getInteger("ingestion.values", 1 << 17);
    private static final String JVM = System.getProperty("ingestion.jvm", "-Xmx512m -XX:+UseParallelGC");
    private static final int CONNECTIONS = 16;
    private static final String PRODUCED = "produced";
    private static final int PHASE_SECONDS = 36_000;
    private static final int WARM_UP = Integer.getInteger("ingestion.warmup", 30);
    private static final int TOLD_EVERY = 10_000;

    private final Optional<EmbeddedPostgres> database;
    private final Optional<String> brokers;
    private final List<AggregatorProcess> replicas = new ArrayList<>();
    private final Map<String, Device> devices = new HashMap<>();
    private final RandomSource random = RandomSource.secure();
    private final ObjectNode told = new ObjectMapper().createObjectNode();

    private MeasureIngestion(Path folder, Optional<EmbeddedPostgres> database, Optional<String> brokers)
            throws IOException {
        this.database = database;
        this.brokers = brokers;
        List<String> options = new ArrayList<>();
        database.ifPresent(server -> options.addAll(List.of(
                "--database",
                "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres",
                "--secrets",
                folder.resolve("secrets").toString(),
                "--blobs",
                folder.resolve("blobs").toString())));
        brokers.ifPresent(servers -> options.addAll(List.of("--kafka", servers)));
        Map<String, String> environment = Map.of(
                "COPPICE_DATABASE_USER", "postgres",
                "COPPICE_DATABASE_PASSWORD", "postgres",
                "COPPICE_LIMITS_DEVICE_REQUESTS_PER_SECOND", "0");
        Class<?> main = database.isPresent() ? Application.class : ForgetfulAggregator.class;
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(new AggregatorProcess(
                    main, folder.resolve("replica-" + i), List.of(JVM.split(" ", -1)), options, environment));
        }
    }

    private void measure() throws Exception {
        Queue<byte[]> recorded = new ConcurrentLinkedQueue<>();
        String round = openRound(recorded);
        String path = "/v1/rounds/" + round + "/masked";
        List<Upload> inputs = new ArrayList<>();
        for (byte[] request : recorded) {
            String sender = DeviceRequest.parseFrom(request).getDeviceId();
            Device device = Optional.ofNullable(devices.get(sender)).orElseThrow();
            inputs.add(Upload.signedAnew(device, path, request, random));
        }
        List<Upload> refused = inputs.stream().map(MeasureIngestion::spoiled).toList();
        List<Integer> ports =
                replicas.stream().map(replica -> replica.uri().getPort()).toList();
        if (brokers.isPresent()) {
            makeTopic(brokers.get());
        }
        told.put("what", "ingestion, " + KEPT).put("replicas", REPLICAS).put("inputs", inputs.size());
        told.put("inputBytes", inputs.getFirst().body().length);
        try (Uploads keeping = new Uploads(ports, CONNECTIONS, path, 200, inputs);
                Uploads discarding = new Uploads(ports, CONNECTIONS, path, 400, refused)) {
            double[] kept = new double[PASSES];
            double[] discarded = new double[PASSES];
            double[] produced = new double[PASSES];
            double keptCpu = 0;
            double discardedCpu = 0;
            for (int i = -WARM_UP; i < PASSES; i++) {
                forget(round);
                double before = cpuMillis();
                double keptSeconds = keeping.all().seconds();
                double between = cpuMillis();
                double discardedSeconds = discarding.all().seconds();
                double after = cpuMillis();
                double producedSeconds = brokers.isPresent() ? produce(brokers.get(), inputs) : 1;
                if (i >= 0) {
                    keptCpu += between - before;
                    discardedCpu += after - between;
                    kept[i] = inputs.size() / keptSeconds;
                    discarded[i] = inputs.size() / discardedSeconds;
                    produced[i] = inputs.size() / producedSeconds;
                }
            }
            told.put("keptPerSecond", median(kept)).put("discardedPerSecond", median(discarded));
            told.put("percentOfDiscarded", 100 * median(kept) / median(discarded));
            told.put("keptCpuMillis", keptCpu / PASSES / inputs.size());
            told.put("discardedCpuMillis", discardedCpu / PASSES / inputs.size());
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
        ObjectNode after = told.putObject("residentMiBAfter");
        for (int more = 0, next = TOLD_EVERY; more < SOAK; ) {
            forget(round);
            more += keeping.all().millis().size();
            if (more >= next) {
                after.put(Integer.toString(more), residentMiB());
                next += TOLD_EVERY;
            }
        }
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

    /** Of the aggregators' processes so far, in all their threads. */
    private double cpuMillis() {
        return replicas.stream().mapToLong(AggregatorProcess::cpuMillis).sum();
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
        List<Device> players = operator.devices(DEVICES + 1);
        players.forEach(device -> devices.put(device.id(), device));
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
        String round = players.getFirst().findRound().orElseThrow().roundId();
        List<Future<RoundReply>> playing = new ArrayList<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        for (Device device : players) {
            Device.Stop stop = device == players.getLast() ? Device.Stop.AFTER_SHARING : Device.Stop.NEVER;
            playing.add(threads.submit(() -> device.takePart(device.findRound().orElseThrow(), stop, watcher)));
        }
        if (!masked.await(10, TimeUnit.MINUTES)) {
            throw new IOException("the round does not get as far as masked inputs: " + masked + " " + playing);
        }
        threads.shutdownNow(); // they wait for survivors
        return round;
    }

    private void forget(String round) throws IOException, SQLException, InterruptedException {
        Thread.sleep(KEPT == Kept.KAFKA ? 1_000 : 0); // what was taken through a log is recorded a little later
        if (database.isEmpty()) {
            ForgetfulAggregator.ask(replicas.getFirst().home(), round);
            return;
        }
        try (Connection connection = database.get().getPostgresDatabase().getConnection()) {
            ForgetfulAggregator.forget(connection, round);
        }
    }

    /** No message: its first field has a number that there is not. */
    private static Upload spoiled(Upload input) {
        byte[] spoiled = input.body().clone();
        Arrays.fill(spoiled, 0, 16, (byte) 0xff);
        return new Upload(spoiled, Map::of);
    }

    /** Kafka's own producer, as it is when told to wait for all copies. */
    private static double produce(String brokers, List<Upload> records) throws Exception {
        Map<String, Object> settings =
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers, ProducerConfig.ACKS_CONFIG, "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            long start = System.nanoTime();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (Upload record : records) {
                sent.add(producer.send(new ProducerRecord<>(PRODUCED, record.body())));
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
        if (KEPT == Kept.EMBEDDED) {
            measure(folder, Optional.empty(), Optional.empty());
            return;
        }
        int port = Broker.freePort();
        try (EmbeddedPostgres database = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("database"))
                .start()) {
            if (KEPT == Kept.KAFKA) {
                try (BrokerProcess broker = new BrokerProcess(folder.resolve("broker"), Map.of(port, port))) {
                    measure(folder, Optional.of(database), Optional.of("127.0.0.1:" + port));
                    broker.kill();
                }
            } else {
                measure(folder, Optional.of(database), Optional.empty());
            }
        }
    }

    private static void measure(Path folder, Optional<EmbeddedPostgres> database, Optional<String> brokers)
            throws Exception {
        MeasureIngestion measurement = new MeasureIngestion(folder, database, brokers);
        try {
            measurement.measure();
        } finally {
            for (AggregatorProcess replica : measurement.replicas) {
                replica.terminate();
            }
        }
    }
}
