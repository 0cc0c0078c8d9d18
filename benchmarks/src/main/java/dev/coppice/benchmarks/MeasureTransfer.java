package dev.coppice.benchmarks;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.pack.PackContents;
import dev.coppice.adapters.transfer.PackCoding;
import dev.coppice.simulator.operator.AdminClient;
import dev.coppice.simulator.operator.AggregatorProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long a device with a slow connection waits for a pack: a real aggregator, a repository that was signed by throw-away keys,
 * and all that a device fetches and checks, over HTTP, through a link that lets so many bits through.
 */
@Command(
        name = "measure-transfer",
        mixinStandardHelpOptions = true,
        description = "Publishes packs and fetches them through a slow link; prints one line of JSON.")
public final class MeasureTransfer implements Callable<Integer> {
    private static final int RANK = 8;
    private static final int WIDTH = 1_000;
    private static final long NO_LIMIT = 1L << 40;
    private static final byte[] ANY_FACTS = new byte[1_000];

    @Option(names = "--folder", required = true, description = "for the aggregator and for parts; must be new")
    private Path folder = Path.of("");

    @Option(
            names = "--modules",
            defaultValue = "125",
            description = "of 8,000 trained values; default: ${DEFAULT-VALUE}")
    private int modules = 125;

    @Option(names = "--bits-per-second", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
    private long bitsPerSecond = 1_000_000;

    @Option(names = "--one-way-ms", defaultValue = "25", description = "of each packet; default: ${DEFAULT-VALUE}")
    private int oneWayMillis = 25;

    @Option(
            names = "--moved",
            split = ",",
            defaultValue = "0.1,0.3,1",
            description = "how far updates move a value, in its standard deviations; default: ${DEFAULT-VALUE}")
    private List<Double> moved = List.of(0.1, 0.3, 1.0);

    private final SplittableRandom draw = new SplittableRandom(1);

    @Override
    public Integer call() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient();
                AggregatorProcess aggregator =
                        AggregatorProcess.start(folder.resolve("aggregator"), folder.resolve("aggregator.log"));
                MeasuredRepository repository = new MeasuredRepository(aggregator.admin(client))) {
            measure(aggregator.address(), aggregator.admin(client), repository).print();
        }
        return 0;
    }

    private Answer measure(URI server, AdminClient admin, MeasuredRepository repository) throws Exception {
        AdapterWeights start = start();
        AdapterWeights exact = moved(start, 1);
        AdapterWeights first = coarse(exact);
        admin.putBlob(file(start));
        repository.release(1, files(first));
        Answer answer = new Answer("transfer")
                .add("trainedValues", modules * RANK * WIDTH)
                .add("bitsPerSecond", bitsPerSecond)
                .add("oneWayMs", oneWayMillis)
                .add("fileBytes", file(first).length);
        Duration oneWay = Duration.ofMillis(oneWayMillis);
        Optional<byte[]> nothing = Optional.of(file(start));
        SlowDevice others =
                new SlowDevice(server, repository.root(), folder.resolve("others"), NO_LIMIT, Duration.ZERO);
        answer.addAll(others.fetch("encodedAndUnlimited", 1, nothing)); // whoever comes first waits for the encoder
        SlowDevice device = new SlowDevice(server, repository.root(), folder.resolve("device"), bitsPerSecond, oneWay);
        answer.addAll(device.fetch("first", 1, nothing));
        long version = 1;
        for (double distance : moved) {
            version++;
            repository.release(version, files(coarse(moved(exact, distance))));
            others.fetch("", version, Optional.of(file(first)));
            answer.addAll(device.fetch("moved" + distance, version, Optional.of(file(first))));
        }
        return answer.addAll(device.fetch("nothingNew", 0, Optional.empty()));
    }

    private static Map<String, byte[]> files(AdapterWeights weights) {
        return Map.of(PackContents.WEIGHTS, file(weights), PackContents.SKILL, ANY_FACTS);
    }

    private static byte[] file(AdapterWeights weights) {
        return Safetensors.write(weights, Map.of("format", "pt"));
    }

    /** As training begins: A is drawn and stays, B is nothing. */
    private AdapterWeights start() {
        List<TensorSpec> tensors = new ArrayList<>();
        for (int i = 0; i < modules; i++) {
            tensors.add(new TensorSpec("layers." + i + ".v_proj.lora_A.weight", List.of(RANK, WIDTH)));
            tensors.add(new TensorSpec("layers." + i + ".v_proj.lora_B.weight", List.of(WIDTH, RANK)));
        }
        ParameterLayout layout = ParameterLayout.of(tensors);
        float[] values = new float[layout.count()];
        for (TensorSpec tensor : layout.tensors()) {
            if (tensor.name().contains("lora_A")) {
                addNoise(values, layout.offset(tensor.name()), tensor.count(), 0.03);
            }
        }
        return AdapterWeights.of(layout, values);
    }

    /** With each B further along. */
    private AdapterWeights moved(AdapterWeights from, double distance) {
        float[] values = from.toArray();
        for (TensorSpec tensor : from.layout().tensors()) {
            if (tensor.name().contains("lora_B")) {
                addNoise(values, from.layout().offset(tensor.name()), tensor.count(), 0.01 * distance);
            }
        }
        return AdapterWeights.of(from.layout(), values);
    }

    /** What is trained, on its grid; what is frozen stays as it was. */
    private static AdapterWeights coarse(AdapterWeights exact) {
        float[] values = PackCoding.coarse(exact).toArray();
        float[] before = exact.toArray();
        for (TensorSpec tensor : exact.layout().tensors()) {
            if (tensor.name().contains("lora_A")) {
                int from = exact.layout().offset(tensor.name());
                System.arraycopy(before, from, values, from, tensor.count());
            }
        }
        return AdapterWeights.of(exact.layout(), values);
    }

    private void addNoise(float[] values, int from, int count, double deviation) {
        for (int i = from; i < from + count; i++) {
            double radius = Math.sqrt(-2 * Math.log(1 - draw.nextDouble()));
            values[i] += (float) (deviation * radius * Math.cos(2 * Math.PI * draw.nextDouble()));
        }
    }

    /** Runs the measurement. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MeasureTransfer()).execute(arguments));
    }
}
