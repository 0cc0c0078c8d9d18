package dev.coppice.simulator.dealing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Positions, dealt one by one. */
final class Hands {
    private final List<List<Integer>> hands = new ArrayList<>();

    Hands(int devices) {
        for (int i = 0; i < devices; i++) {
            hands.add(new ArrayList<>());
        }
    }

    void give(int device, int position) {
        hands.get(device).add(position);
    }

    List<int[]> dealt() {
        return hands.stream()
                .map(hand -> hand.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** All positions in a drawn order. */
    static int[] shuffled(int count, SplittableRandom random) {
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
        return order;
    }

    /** Running sums of Gamma(alpha) draws: shares of a Dirichlet draw, up to their total, which is the last. */
    static double[] dirichletEnds(int count, double alpha, SplittableRandom random) {
        double[] ends = new double[count];
        double end = 0;
        for (int i = 0; i < count; i++) {
            end += gamma(alpha, random);
            ends[i] = end;
        }
        if (!(end > 0)) { // alpha so small that all draws were rounded to zero: one has it all
            Arrays.fill(ends, random.nextInt(count), count, 1);
        }
        return ends;
    }

    /** Where a number below the total falls. */
    static int place(double[] ends, SplittableRandom random) {
        double at = random.nextDouble() * ends[ends.length - 1];
        int found = Arrays.binarySearch(ends, at);
        int place = found >= 0 ? found + 1 : -found - 1;
        return Math.min(place, ends.length - 1);
    }

    /** Marsaglia and Tsang 2000; below 1 by their section 6: Gamma(alpha + 1) times U^(1 / alpha). */
    private static double gamma(double alpha, SplittableRandom random) {
        if (alpha < 1) {
            return gamma(alpha + 1, random) * Math.pow(1 - random.nextDouble(), 1 / alpha);
        }
        double d = alpha - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
