package dev.coppice.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.benchmarks.AgentProbe.Doing;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an agent costs the app that embeds it: start, answers, memory, and coming back after a kill. */
@Command(
        name = "measure-agent",
        mixinStandardHelpOptions = true,
        description = "Starts an app with an agent again and again; prints one line of JSON.")
public final class MeasureAgent implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What a small app would set, and {@code ./coppice agent} does: the collector for one core, the quick compiler, a small
     * heap that shrinks again, and an archive of classes that stays where it was made for, so that its pages are shared.
     */
    private static final List<String> SMALL = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xms8m",
            "-Xmx64m",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=20",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0");

    @Option(names = "--model", defaultValue = "models/pico", description = "default: ${DEFAULT-VALUE}")
    private Path model = Path.of("");

    @Option(names = "--folder", required = true, description = "for homes and the AOT cache; made if absent")
    private Path folder = Path.of(".");

    @Option(names = "--starts", defaultValue = "7", description = "of each kind; default: ${DEFAULT-VALUE}")
    private int starts = 7;

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(folder);
        Path cache = folder.toAbsolutePath().resolve("agent.aot");
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("what", "agent");
        answer.put("firstOpeningMs", run(Doing.SETTLE, SMALL).get("openMs").asDouble());
        answer.put("coldStartMs", median(Doing.START, "doneSinceJvmStartMs", SMALL));
        answer.put("coldStartCpuMs", median(Doing.START, "doneCpuMs", SMALL));
        run(Doing.START, and(SMALL, "-XX:AOTCacheOutput=" + cache));
        List<String> cached = and(SMALL, "-XX:AOTCache=" + cache);
        answer.put("coldStartWithAotCacheMs", median(Doing.START, "doneSinceJvmStartMs", cached));
        answer.put("coldStartWithAotCacheCpuMs", median(Doing.START, "doneCpuMs", cached));
        answer.put("restartAfterKillMs", restart("openMs", cached));
        answer.put("restartAfterKillCpuMs", restart("openCpuMs", cached));
        JsonNode classify = run(Doing.CLASSIFY, cached);
        answer.put("classifyFirstMs", classify.get("firstMs").asDouble());
        answer.put("classifyP50Ms", classify.get("p50Ms").asDouble());
        answer.put("classifyP99Ms", classify.get("p99Ms").asDouble());
        run(Doing.NEXT_TOKEN, cached);
        JsonNode next = run(Doing.NEXT_TOKEN, cached);
        answer.put("firstTokenColdMs", next.get("firstMs").asDouble());
        answer.put("firstTokenP50Ms", next.get("p50Ms").asDouble());
        JsonNode idle = run(Doing.IDLE, cached);
        answer.put("idleResidentMiB", idle.get("residentMiB").asDouble());
        answer.put("idleOwnMiB", idle.get("ownMiB").asDouble());
        JsonNode train = run(Doing.TRAIN, cached);
        answer.put("trainingPeakMiB", train.get("peakMiB").asDouble());
        answer.put("idleAfterTrainingOwnMiB", train.get("ownMiB").asDouble());
        answer.put("training", train.get("result").asText());
        answer.put("java", Runtime.version().toString());
        answer.put("processors", Runtime.getRuntime().availableProcessors());
        System.out.println(JSON.writeValueAsString(answer));
        return 0;
    }

    /** Time that opening takes, from {@code main} on, for an app whose predecessor was killed while it wrote. */
    private double restart(String figure, List<String> flags) throws IOException, InterruptedException {
        double[] times = new double[starts];
        for (int i = 0; i < starts; i++) {
            Process writer = start(Doing.WRITE, flags);
            try (BufferedReader out = writer.inputReader()) {
                if (out.readLine() == null) {
                    throw new IOException("the app that was to be killed did not start");
                }
                Thread.sleep(20 + 7L * i);
                writer.destroyForcibly().waitFor();
            }
            times[i] = run(Doing.START, flags).get(figure).asDouble();
        }
        return median(times);
    }

    private double median(Doing doing, String figure, List<String> flags) throws IOException, InterruptedException {
        double[] times = new double[starts];
        for (int i = 0; i < starts; i++) {
            times[i] = run(doing, flags).get(figure).asDouble();
        }
        return median(times);
    }

    private static double median(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private JsonNode run(Doing doing, List<String> flags) throws IOException, InterruptedException {
        Process app = start(doing, flags);
        try (BufferedReader out = app.inputReader()) {
            String last = out.lines().reduce("", (before, line) -> line.startsWith("{") ? line : before);
            if (!app.waitFor(2, TimeUnit.MINUTES) || app.exitValue() != 0) {
                app.destroyForcibly();
                throw new IOException("the app failed: " + doing);
            }
            return JSON.readTree(last);
        }
    }

    private Process start(Doing doing, List<String> flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        command.add(AgentProbe.class.getName());
        command.addAll(List.of(
                doing.name().toLowerCase(Locale.ROOT),
                model.toString(),
                folder.resolve("home").toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> and(List<String> flags, String more) {
        List<String> all = new ArrayList<>(flags);
        all.add(more);
        return all;
    }

    /** Runs the measurement. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new MeasureAgent()).execute(arguments));
    }
}
