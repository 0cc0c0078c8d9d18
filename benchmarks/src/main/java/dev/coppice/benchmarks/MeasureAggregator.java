package dev.coppice.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an aggregator costs that starts, and then does nothing. */
@Command(
        name = "measure-aggregator",
        mixinStandardHelpOptions = true,
        description = "Starts aggregators with and without an AOT cache; prints one line of JSON.")
public final class MeasureAggregator implements Callable<Integer> {
    @Option(names = "--folder", required = true, description = "for their homes and the cache; must be new")
    private Path folder = Path.of("");

    @Option(names = "--starts", defaultValue = "5", description = "of each kind; default: ${DEFAULT-VALUE}")
    private int starts = 5;

    @Option(
            names = "--idle-seconds",
            defaultValue = "10",
            description = "before memory is read; default: ${DEFAULT-VALUE}")
    private int idleSeconds = 10;

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(folder);
        Path cache = folder.resolve("aggregator.aot");
        List<String> plain = List.of("-Xmx512m", "-XX:+UseParallelGC");
        List<String> training = with(plain, "-XX:AOTCacheOutput=" + cache);
        try (MeasuredAggregator trained = MeasuredAggregator.start(folder.resolve("training"), training, Map.of())) {
            trained.stop();
        }
        Answer answer = new Answer("aggregator start").add("jvm", plain).add("cacheMiB", Files.size(cache) >> 20);
        measure(answer, "", plain);
        measure(answer, "Aot", with(plain, "-XX:AOTCache=" + cache));
        answer.print();
        return 0;
    }

    private static List<String> with(List<String> flags, String more) {
        List<String> all = new ArrayList<>(flags);
        all.add(more);
        return all;
    }

    /** Each on a home of its own that was used before, as after a restart. */
    private void measure(Answer answer, String suffix, List<String> jvm) throws IOException, InterruptedException {
        double[] seconds = new double[starts];
        double[] cpu = new double[starts];
        double[] resident = new double[starts];
        double[] stop = new double[starts];
        Path home = folder.resolve("home" + suffix);
        try (MeasuredAggregator first = MeasuredAggregator.start(home, jvm, Map.of())) {
            answer.add("firstReadySeconds" + suffix, first.readySeconds());
            first.stop();
        }
        for (int i = 0; i < starts; i++) {
            try (MeasuredAggregator aggregator = MeasuredAggregator.start(home, jvm, Map.of())) {
                seconds[i] = aggregator.readySeconds();
                cpu[i] = aggregator.readyCpuSeconds();
                Thread.sleep(idleSeconds * 1000L);
                resident[i] = aggregator.residentMiB();
                stop[i] = aggregator.stop();
            }
        }
        answer.add("readySeconds" + suffix, Answer.median(seconds))
                .add("readyCpuSeconds" + suffix, Answer.median(cpu))
                .add("idleResidentMiB" + suffix, Answer.median(resident))
                .add("stopSeconds" + suffix, Answer.median(stop));
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new MeasureAggregator()).execute(args));
    }
}
