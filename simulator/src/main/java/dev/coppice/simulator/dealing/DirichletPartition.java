package dev.coppice.simulator.dealing;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.extension.Partition;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * {@code dirichlet}: each label goes to devices by shares drawn from a Dirichlet distribution, so that devices differ in
 * what they talk about (Hsu et al. 2019). {@code alpha} (0.5): the smaller, the more they differ.
 */
public final class DirichletPartition implements Partition {
    @Override
    public String name() {
        return "dirichlet";
    }

    @Override
    public List<int[]> deal(Corpus corpus, int devices, Parameters parameters, SplittableRandom random) {
        double alpha = parameters.of("alpha", 0.5);
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha of the partition \"dirichlet\" is above 0");
        }
        Map<String, double[]> ends = new TreeMap<>();
        for (Example example : corpus.examples()) {
            ends.putIfAbsent(example.label(), new double[0]);
        }
        ends.replaceAll((label, none) -> Hands.dirichletEnds(devices, alpha, random));
        Hands hands = new Hands(devices);
        for (int i = 0; i < corpus.examples().size(); i++) {
            double[] ofLabel = ends.getOrDefault(corpus.examples().get(i).label(), new double[0]);
            hands.give(Hands.place(ofLabel, random), i);
        }
        return hands.dealt();
    }
}
