package dev.coppice.aggregator.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.aggregator.Application;
import dev.coppice.aggregator.fleet.AggregatorProcess;
import dev.coppice.aggregator.fleet.Device;
import dev.coppice.aggregator.fleet.Operator;
import dev.coppice.aggregator.load.Uploads.Upload;
import dev.coppice.crypto.RandomSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How many check-ins of real devices an aggregator answers, nearly all of them for nothing: its one task asks for three. They are
 * signed as today's agents do it, before a pass begins; the sender is on the same machine. Prints one line of JSON.
 *
 * <p>{@code -Dcheckins.store=embedded} or {@code postgresql}, {@code -Dcheckins.devices=200}, {@code -Dcheckins.passes=20}, of ten
 * check-ins of each device.
 */
final class MeasureCheckIns {
    private static final boolean IS_POSTGRESQL = "postgresql".equals(System.getProperty("checkins.store", "embedded"));
    private static final int DEVICES = Integer.getInteger("checkins.devices", 200);
    private static final int PASSES = Integer.getInteger("checkins.passes", 20);
    private static final int EACH = 10;
    private static final int CONNECTIONS = 16;
    private static final List<String> JVM = List.of("-Xmx512m", "-XX:+UseParallelGC");
    private static final String PATH = "/v1/checkin";

    private final AggregatorProcess aggregator;
    private final RandomSource random = RandomSource.secure();

    private MeasureCheckIns(AggregatorProcess aggregator) {
        this.aggregator = aggregator;
    }

    private void measure() throws Exception {
        Operator operator = aggregator.operator();
        List<Device> devices = operator.devices(DEVICES);
        operator.create(operator.task(3, 3, 1, 36_000, Operator.DIMENSION));
        double[] perSecond = new double[PASSES];
        double cpu = 0;
        for (int i = -PASSES; i < PASSES; i++) {
            try (Uploads uploads = uploads(devices)) {
                long before = aggregator.cpuMillis();
                double seconds = uploads.all().seconds();
                if (i >= 0) {
                    cpu += aggregator.cpuMillis() - before;
                    perSecond[i] = DEVICES * EACH / seconds;
                }
            }
        }
        Arrays.sort(perSecond);
        double median = perSecond[PASSES / 2];
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < PASSES; i++) {
            try (Uploads uploads = uploads(devices)) {
                millis.addAll(uploads.paced(0.7 * median).millis());
            }
        }
        double[] sorted =
                millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        ObjectNode told = new ObjectMapper().createObjectNode();
        told.put("what", "check-ins, " + (IS_POSTGRESQL ? "PostgreSQL" : "embedded"));
        told.put("perSecond", median).put("cpuMillis", cpu / PASSES / DEVICES / EACH);
        told.put("p50Millis", sorted[sorted.length / 2]).put("p99Millis", sorted[sorted.length * 99 / 100]);
        System.out.println(told);
    }

    private Uploads uploads(List<Device> devices) throws Exception {
        List<Upload> checkIns = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            for (Device device : devices) {
                byte[] envelope = device.checkIn(System.currentTimeMillis());
                checkIns.add(Upload.signedAnew(device, PATH, envelope, random));
            }
        }
        return new Uploads(List.of(aggregator.uri().getPort()), CONNECTIONS, PATH, 200, checkIns);
    }

    /** Where the process starts. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        if (!IS_POSTGRESQL) {
            measure(folder, List.of());
            return;
        }
        try (EmbeddedPostgres database = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("database"))
                .start()) {
            String url = "jdbc:postgresql://127.0.0.1:" + database.getPort() + "/postgres";
            String secrets = folder.resolve("secrets").toString();
            String blobs = folder.resolve("blobs").toString();
            measure(folder, List.of("--database", url, "--secrets", secrets, "--blobs", blobs));
        }
    }

    private static void measure(Path folder, List<String> options) throws Exception {
        Map<String, String> environment = Map.of(
                "COPPICE_DATABASE_USER", "postgres",
                "COPPICE_DATABASE_PASSWORD", "postgres",
                "COPPICE_LIMITS_DEVICE_REQUESTS_PER_SECOND", "0");
        AggregatorProcess aggregator =
                new AggregatorProcess(Application.class, folder.resolve("replica"), JVM, options, environment);
        try {
            new MeasureCheckIns(aggregator).measure();
        } finally {
            aggregator.terminate();
        }
    }
}
