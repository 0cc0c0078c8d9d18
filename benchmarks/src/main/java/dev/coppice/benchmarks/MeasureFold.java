package dev.coppice.benchmarks;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.protocol.round.MaskedInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs to add masked inputs up, beside reading as many bytes and doing nothing with them: both on one thread, in turn,
 * over more memory than caches hold.
 */
@Command(
        name = "measure-fold",
        mixinStandardHelpOptions = true,
        description = "Times sums of masked inputs; prints one line of JSON.")
public final class MeasureFold implements Callable<Integer> {
    private static final String ROUND = "round";

    @Option(names = "--values", defaultValue = "262144", description = "of an input; default: ${DEFAULT-VALUE}")
    private int values = 1 << 18;

    @Option(names = "--bits", defaultValue = "20", description = "of a value; default: ${DEFAULT-VALUE}")
    private int bits = 20;

    @Option(names = "--inputs", defaultValue = "512", description = "default: ${DEFAULT-VALUE}")
    private int inputs = 512;

    @Option(names = "--at-once", defaultValue = "50", description = "inputs added together; default: ${DEFAULT-VALUE}")
    private int atOnce = 50;

    @Option(names = "--repeats", defaultValue = "15", description = "after five to warm up; default: ${DEFAULT-VALUE}")
    private int repeats = 15;

    private long read;

    @Override
    public Integer call() throws Exception {
        List<MaskedInput> all = inputs();
        long[] words = new long[inputs * packedBytes() / Long.BYTES];
        for (int i = 0; i < 5; i++) {
            fold(all);
            read += sum(words);
        }
        double[] folding = new double[repeats];
        double[] oneByOne = new double[repeats];
        double[] reading = new double[repeats];
        for (int i = 0; i < repeats; i++) {
            CpuTime foldTime = new CpuTime();
            fold(all);
            folding[i] = foldTime.milliseconds();
            CpuTime singleTime = new CpuTime();
            MaskedSum sum = new MaskedSum(ROUND, bits, values);
            for (MaskedInput input : all) {
                sum.add(input);
            }
            oneByOne[i] = singleTime.milliseconds();
            CpuTime readTime = new CpuTime();
            read += sum(words);
            reading[i] = readTime.milliseconds();
        }
        double bytes = 1e-6 * inputs * packedBytes();
        new Answer("fold")
                .add("values", values)
                .add("bits", bits)
                .add("inputs", inputs)
                .add("atOnce", atOnce)
                .add("inputCpuMs", Answer.median(folding) / inputs)
                .add("oneByOneCpuMs", Answer.median(oneByOne) / inputs)
                .add("gigabytesASecond", bytes / Answer.median(folding))
                .add("readingGigabytesASecond", bytes / Answer.median(reading))
                .add("shareOfReadingPercent", 100 * Answer.median(reading) / Answer.median(folding))
                .add("shareOfReadingAtBestPercent", 100 * best(reading) / best(folding))
                .add("read", read)
                .print();
        return 0;
    }

    private int packedBytes() {
        return (int) ((long) values * bits / Byte.SIZE);
    }

    private List<MaskedInput> inputs() {
        Random random = new Random(1);
        List<MaskedInput> all = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            byte[] packed = new byte[packedBytes()];
            random.nextBytes(packed);
            all.add(MaskedInput.newBuilder()
                    .setRoundId(ROUND)
                    .setPacked(ByteString.copyFrom(packed))
                    .build());
        }
        return all;
    }

    private void fold(List<MaskedInput> all) throws Exception {
        MaskedSum sum = new MaskedSum(ROUND, bits, values);
        for (int i = 0; i < all.size(); i += atOnce) {
            sum.add(all.subList(i, Math.min(all.size(), i + atOnce)));
        }
    }

    /** As fast as one thread reads: the JIT compiler makes vector instructions of it. */
    private static long sum(long[] words) {
        long sum = 0;
        for (long word : words) {
            sum += word;
        }
        return sum;
    }

    private static double best(double[] samples) {
        double best = Double.MAX_VALUE;
        for (double sample : samples) {
            best = Math.min(best, sample);
        }
        return best;
    }

    /** Where the process starts. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new MeasureFold()).execute(args));
    }
}
