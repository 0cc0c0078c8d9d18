package dev.coppice.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.RandomSource;
import dev.coppice.simulator.extension.Choice;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.fleet.DealtData;
import dev.coppice.simulator.fleet.FleetData;
import dev.coppice.simulator.fleet.FleetMaterial;
import dev.coppice.simulator.fleet.FleetObserver;
import dev.coppice.simulator.fleet.FleetRun;
import dev.coppice.simulator.fleet.FleetSettings;
import dev.coppice.simulator.fleet.FleetSettings.Judging;
import dev.coppice.simulator.fleet.PeopleData;
import dev.coppice.simulator.fleet.Privacy;
import dev.coppice.simulator.fleet.RoundRecord;
import dev.coppice.simulator.population.Population;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a simulated device costs: CPU time of the whole process for each device of a cohort, beside that of its bare training. */
@Command(
        name = "measure-fleet",
        mixinStandardHelpOptions = true,
        description = "Plays rounds of a fleet after a warm-up, and bare training after each; prints one line of JSON.")
public final class MeasureFleet implements Callable<Integer> {
    private static final int BARE_DEVICES = 500;
    private static final int WORDS_OF_A_ROW = 60;
    private static final int ROWS_OF_A_DEVICE = 25; // of which a fifth is held out: 20 rows, 2.5 batches
    private static final int VOCABULARY = 512;
    private static final long SEED = 1;

    @Option(
            names = "--small",
            description = "dim 64, 2 layers, vocabulary 512, batches of 8 x 64; default: models/pico, 8 x 16")
    private boolean small;

    @Option(names = "--privacy", defaultValue = "off", description = "secagg+ddg, trust-sum or off (${DEFAULT-VALUE})")
    private String privacy = "off";

    @Option(names = "--devices", defaultValue = "1000", description = "of a cohort; default: ${DEFAULT-VALUE}")
    private int devices = 1000;

    @Option(names = "--rounds", defaultValue = "1", description = "default: ${DEFAULT-VALUE}")
    private int rounds = 1;

    @Option(names = "--steps", defaultValue = "4", description = "of each device; default: ${DEFAULT-VALUE}")
    private int steps = 4;

    @Option(
            names = "--warm-up",
            defaultValue = "200",
            description = "devices of a round before; default: ${DEFAULT-VALUE}")
    private int warmUp = 200;

    @Option(names = "--workers", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
    private int workers = 2;

    @Option(names = "--folder", required = true, description = "for models, kits and adapters")
    private Path folder = Path.of(".");

    @Override
    public Integer call() throws Exception {
        FleetData data = small ? madeUpTexts() : new PeopleData(Population.generated(SEED, devices));
        Path model = small ? smallModel() : Path.of("models/pico");
        try (FleetMaterial material = FleetMaterial.open(model, spec(data), data, workers, folder.resolve("kits"))) {
            double jvm = ProcessMemory.resident();
            run(material, Math.min(devices, warmUp), 1, FleetObserver.NONE);
            Stopwatch watch = new Stopwatch();
            Bare bare = new Bare(material, watch);
            watch.start();
            run(material, devices, rounds, bare);
            watch.stop();
            double played = (double) devices * rounds;
            double seconds = watch.seconds;
            double cpuMs = watch.cpuMs / played;
            new Answer("fleet")
                    .add("model", small ? "small" : "pico")
                    .add("privacy", privacy)
                    .add("devices", devices)
                    .add("rounds", rounds)
                    .add("stepsADevice", steps)
                    .add("workers", workers)
                    .add("cpuMsADevice", cpuMs)
                    .add("bareTrainingCpuMsADevice", bare.meanMs())
                    .add("overBareTraining", cpuMs / bare.meanMs())
                    .add("devicesASecond", played / seconds)
                    .add("devicesACpuSecond", 1e3 / cpuMs)
                    .add("openedMiB", jvm)
                    .add("peakMiB", ProcessMemory.peak())
                    .print();
        }
        return 0;
    }

    private void run(FleetMaterial material, int cohort, int times, FleetObserver observer)
            throws IOException, InterruptedException {
        FleetSettings settings = FleetSettings.ideal(SEED, Privacy.named(privacy), task(cohort, times))
                .withJudging(new Judging(0, 1, 0));
        new FleetRun(settings, material, folder.resolve("blobs"), observer).run();
    }

    /** Time by the clock and of all processors, but for what comes between {@link #stop} and {@link #start}. */
    private static final class Stopwatch {
        private double seconds;
        private double cpuMs;
        private long wallStart;
        private long cpuStart;

        void start() {
            wallStart = System.nanoTime();
            cpuStart = cpuNanos();
        }

        void stop() {
            cpuMs += (cpuNanos() - cpuStart) / 1e6;
            seconds += (System.nanoTime() - wallStart) / 1e9;
        }
    }

    /** After each round the same steps by the same class, with their batches, on as many threads, and nothing else. */
    private final class Bare implements FleetObserver {
        private final FleetMaterial material;
        private final Stopwatch watch;
        private final List<List<Example>> texts;
        private final List<Double> samplesMs = new ArrayList<>();

        Bare(FleetMaterial material, Stopwatch watch) {
            this.material = material;
            this.watch = watch;
            int asked = Math.min(material.data().devices(), BARE_DEVICES);
            texts = IntStream.range(0, asked)
                    .mapToObj(device ->
                            material.classroom().usable(material.data().training(device, 1)))
                    .toList();
        }

        @Override
        public void roundEnded(RoundRecord round) {
            watch.stop();
            try (ExecutorService threads = Executors.newFixedThreadPool(workers)) {
                List<Future<Double>> shares = IntStream.range(0, workers)
                        .mapToObj(share -> threads.submit(() -> trainMs(share)))
                        .toList();
                double all = 0;
                for (Future<Double> one : shares) {
                    all += one.get();
                }
                samplesMs.add(all / texts.size());
            } catch (ExecutionException | InterruptedException e) {
                throw new IllegalStateException("bare training failed", e);
            }
            watch.start();
        }

        private double trainMs(int share) throws Exception {
            CpuTime time = new CpuTime();
            for (int i = share; i < texts.size(); i += workers) {
                material.classroom()
                        .train(
                                material.initial(),
                                List.of(),
                                texts.get(i),
                                steps,
                                0.01f,
                                RandomSource.secure(),
                                () -> true);
            }
            return time.milliseconds();
        }

        double meanMs() {
            return samplesMs.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private KitSpec spec(FleetData data) {
        int rank = small ? 8 : 4;
        LoraSpec lora =
                new LoraSpec(rank, 2 * rank, List.of("q_proj", "v_proj"), small ? Factors.BOTH : Factors.B, SEED);
        return new KitSpec(data.task(), lora, data.labels(), 8, small ? 64 : 16);
    }

    private Path smallModel() throws IOException {
        Path model = folder.resolve("small-model");
        Path tokenizer = Files.createDirectories(folder).resolve("small-tokenizer.json");
        Files.write(tokenizer, cut(Path.of("models/pico/tokenizer.json"), VOCABULARY));
        Subject.SMALL.write(model, tokenizer);
        return model;
    }

    /** A byte-pair tokenizer without what its last merges made. */
    private static byte[] cut(Path tokenizer, int vocabulary) throws IOException {
        ObjectMapper json = new ObjectMapper();
        JsonNode whole = json.readTree(tokenizer.toFile());
        ObjectNode tokens = (ObjectNode) whole.path("model").path("vocab");
        tokens.properties().removeIf(token -> token.getValue().asInt() >= vocabulary);
        ArrayNode merges = (ArrayNode) whole.path("model").path("merges");
        for (int i = merges.size() - 1; i >= 0; i--) {
            JsonNode merge = merges.get(i);
            String made = merge.isArray()
                    ? merge.get(0).asText() + merge.get(1).asText()
                    : merge.asText().replace(" ", "");
            if (!tokens.has(made)) {
                merges.remove(i);
            }
        }
        return json.writeValueAsBytes(whole);
    }

    /** Rows that are full: more words than a row has tokens. */
    private FleetData madeUpTexts() {
        SplittableRandom random = new SplittableRandom(SEED);
        int texts = devices * ROWS_OF_A_DEVICE;
        List<Example> examples = IntStream.range(0, texts)
                .mapToObj(i -> new Example(
                        random.ints(WORDS_OF_A_ROW, 0, 26)
                                .mapToObj(letter -> Character.toString('a' + letter))
                                .collect(Collectors.joining(" ")),
                        ""))
                .toList();
        Corpus corpus = new Corpus(examples, List.of());
        return DealtData.of(Task.CAUSAL_LM, corpus, Choice.of("iid"), devices, DealtData.Drift.NONE, SEED);
    }

    private ObjectNode task(int cohort, int times) throws IOException {
        String epsilon = privacy.equals("off") ? "null" : "8";
        return (ObjectNode)
                new ObjectMapper().readTree("""
                {"rounds": %d, "localSteps": %d, "learningRate": 0.01, "examplesMin": 1, "clipNorm": 1,
                 "epsilon": %s, "delta": 1e-8,
                 "cohort": {"min": %d, "max": %d, "dropoutBound": 0.1, "corruptionBound": 0.05},
                 "serverOptimizer": {"kind": "fedavg", "learningRate": 1, "momentum": 0.0},
                 "phaseSeconds": {"advertise": 3600, "shares": 600, "masked": 600, "unmask": 600}}""".formatted(times, steps, epsilon, cohort - cohort / 10, cohort));
    }

    /** Where the process starts. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new MeasureFleet()).execute(args));
    }
}
