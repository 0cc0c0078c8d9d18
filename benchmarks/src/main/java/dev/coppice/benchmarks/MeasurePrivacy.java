package dev.coppice.benchmarks;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.privacy.GaussianSampling;
import dev.coppice.crypto.privacy.IntegerGaussian;
import dev.coppice.crypto.privacy.accounting.EventNotSupportedException;
import dev.coppice.crypto.privacy.accounting.PldAccountant;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Composed;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.Gaussian;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent.PoissonSampled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What accounting costs, and drawing noise in constant time: CPU time of one thread. */
@Command(
        name = "measure-privacy",
        mixinStandardHelpOptions = true,
        description = "Times the loss distribution and the sampler; prints one line of JSON.")
public final class MeasurePrivacy implements Callable<Integer> {
    private static final double DELTA = 1e-6;
    private static final int SAMPLES_AT_ONCE = 1 << 18;

    @Option(
            names = "--like",
            defaultValue = "1000",
            description = "compositions of one event (default: ${DEFAULT-VALUE})")
    private int like = 1000;

    @Option(
            names = "--unlike",
            defaultValue = "10000",
            description = "events, no two alike (default: ${DEFAULT-VALUE})")
    private int unlike = 10_000;

    @Option(names = "--sigma", defaultValue = "170", description = "of the sampler (default: ${DEFAULT-VALUE})")
    private int sigma = 170;

    @Option(
            names = "--repeats",
            defaultValue = "9",
            description = "after two to warm up; the median and the best are told (default: ${DEFAULT-VALUE})")
    private int repeats = 9;

    @Override
    public Integer call() throws Exception {
        Answer told = new Answer("privacy").add("delta", DELTA);
        PrivacyEvent composition = new PoissonSampled(0.01, new Gaussian(1)).times(like);
        told.add("like", like);
        tell(told, "likeCpuMs", timed(() -> epsilon(told, "likeEpsilon", composition)));
        PrivacyEvent events = unlike();
        told.add("unlike", unlike);
        tell(told, "unlikeCpuMs", timed(() -> epsilon(told, "unlikeEpsilon", events)));
        IntegerGaussian gaussian = GaussianSampling.CONSTANT_TIME.of(sigma);
        RandomSource random = RandomSource.secure();
        int[] values = new int[SAMPLES_AT_ONCE];
        double[] sampling = timed(() -> gaussian.addTo(values, random));
        told.add("sigma", sigma);
        told.add("samplerMillionsASecond", millions(Answer.median(sampling)));
        told.add("samplerMillionsASecondAtBest", millions(sampling[0]));
        told.print();
        return 0;
    }

    /** Rates and noises that never repeat, about like those of a fleet whose cohorts have all sizes. */
    private PrivacyEvent unlike() {
        List<PrivacyEvent> events = new ArrayList<>();
        for (int i = 0; i < unlike; i++) {
            double rate = 0.002 + 0.002 * i / unlike;
            double noise = 0.9 + 0.4 * ((i * 7919L) % unlike) / unlike;
            events.add(new PoissonSampled(rate, new Gaussian(noise)));
        }
        return new Composed(events);
    }

    private static void epsilon(Answer told, String name, PrivacyEvent event) {
        try {
            told.add(name, PldAccountant.usual().epsilon(event, DELTA));
        } catch (EventNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Milliseconds, ascending. */
    private double[] timed(Runnable work) {
        work.run();
        work.run();
        double[] times = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            CpuTime time = new CpuTime();
            work.run();
            times[i] = time.milliseconds();
        }
        Arrays.sort(times);
        return times;
    }

    private static void tell(Answer told, String name, double[] times) {
        told.add(name, rounded(Answer.median(times)));
        told.add(name + "AtBest", rounded(times[0]));
    }

    private static double millions(double milliseconds) {
        return rounded(SAMPLES_AT_ONCE / milliseconds / 1e3);
    }

    private static double rounded(double value) {
        return Math.round(100 * value) / 100.0;
    }

    /** Where the process starts. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new MeasurePrivacy()).execute(args));
    }
}
