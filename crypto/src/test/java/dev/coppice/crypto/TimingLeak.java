package dev.coppice.crypto;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Whether an action takes as long with one kind of secret as with another: Welch's t-test between two classes of
 * measurements, taken in random order (dudect: Reparaz, Balasch and Verbauwhede 2017). A test of it wants a control that
 * leaks, or else it might see nothing.
 */
public final class TimingLeak {
    /** More measurements where {@code -Dsoak} says so. */
    private static final int MEASUREMENTS = 3_000 * Math.min(20, Integer.getInteger("soak", 1));

    /** Other work on the machine makes differences now and then; a leak makes them every time. */
    private static final int REPETITIONS = 5;

    private static final int WARM_UP = 3_000;

    /** Slower ones are interrupts and collections. */
    private static final double KEPT = 0.8;

    private TimingLeak() {}

    /**
     * The least |t| of five repetitions. Below 4.5 there is nothing to see (the paper's limit); a leak gives dozens.
     *
     * @param first one class of secrets; each call should take a microsecond or more
     * @param second the other
     */
    public static double statistic(Runnable first, Runnable second) {
        for (int i = 0; i < WARM_UP; i++) {
            first.run();
            second.run();
        }
        double least = Double.POSITIVE_INFINITY;
        for (int repetition = 0; repetition < REPETITIONS; repetition++) {
            least = Math.min(least, Math.abs(once(first, second, repetition)));
        }
        return least;
    }

    private static double once(Runnable first, Runnable second, long seed) {
        SplittableRandom order = new SplittableRandom(seed);
        long[] times = new long[MEASUREMENTS];
        boolean[] isSecond = new boolean[MEASUREMENTS];
        for (int i = 0; i < MEASUREMENTS; i++) {
            isSecond[i] = order.nextBoolean();
            Runnable action = isSecond[i] ? second : first;
            long start = System.nanoTime();
            action.run();
            times[i] = System.nanoTime() - start;
        }
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        long longest = sorted[(int) (KEPT * MEASUREMENTS)];
        Moments one = new Moments();
        Moments other = new Moments();
        for (int i = 0; i < MEASUREMENTS; i++) {
            if (times[i] <= longest) {
                (isSecond[i] ? other : one).add((double) times[i]);
            }
        }
        return (one.mean - other.mean) / Math.sqrt(one.varianceOfMean() + other.varianceOfMean() + 1e-9);
    }

    /** Welford's running mean and variance. */
    private static final class Moments {
        private long count;
        private double mean;
        private double squares;

        void add(double value) {
            count++;
            double before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }

        double varianceOfMean() {
            return squares / (count - 1) / count;
        }
    }
}
