package dev.coppice.simulator.population;

import dev.coppice.adapters.text.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Deals examples out to made-up users: each label goes to users by shares drawn from a Dirichlet distribution, so that
 * users differ in what they talk about (Hsu et al. 2019, alpha one half).
 */
final class Dealing {
    private Dealing() {}

    /** Users by id; some may have nothing and are left out. */
    static Map<String, List<Example>> deal(List<Example> examples, int users, SplittableRandom random) {
        Map<String, List<Example>> byLabel = new TreeMap<>();
        examples.forEach(example -> byLabel.computeIfAbsent(example.label(), label -> new ArrayList<>())
                .add(example));
        List<List<Example>> hands = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            hands.add(new ArrayList<>());
        }
        for (List<Example> ofLabel : byLabel.values()) {
            double[] ends = ends(users, random);
            for (Example example : ofLabel) {
                hands.get(index(ends, random.nextDouble() * ends[users - 1])).add(example);
            }
        }
        Map<String, List<Example>> dealt = new LinkedHashMap<>();
        for (int i = 0; i < users; i++) {
            if (!hands.get(i).isEmpty()) {
                dealt.put("user-" + i, hands.get(i));
            }
        }
        return dealt;
    }

    /** Running sums of Gamma(one half) draws: shares of a Dirichlet draw, up to their total. */
    private static double[] ends(int users, SplittableRandom random) {
        double[] ends = new double[users];
        double end = 0;
        for (int i = 0; i < users; i++) {
            double normal = random.nextGaussian();
            end += normal * normal / 2; // half a squared normal is Gamma(1/2)
            ends[i] = end;
        }
        return ends;
    }

    private static int index(double[] ends, double at) {
        int found = Arrays.binarySearch(ends, at);
        int index = found >= 0 ? found + 1 : -found - 1;
        return Math.min(index, ends.length - 1);
    }
}
