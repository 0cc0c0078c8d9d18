package dev.coppice.simulator.dealing;

import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.extension.Partition;
import java.util.List;
import java.util.SplittableRandom;

/**
 * {@code quantity}: devices talk about the same, some much and some little: how many texts each has is drawn from a Dirichlet
 * distribution. {@code alpha} (0.5): the smaller, the more they differ.
 */
public final class QuantityPartition implements Partition {
    @Override
    public String name() {
        return "quantity";
    }

    @Override
    public List<int[]> deal(Corpus corpus, int devices, Parameters parameters, SplittableRandom random) {
        double alpha = parameters.of("alpha", 0.5);
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha of the partition \"quantity\" is above 0");
        }
        double[] ends = Hands.dirichletEnds(devices, alpha, random);
        Hands hands = new Hands(devices);
        for (int position : Hands.shuffled(corpus.examples().size(), random)) {
            hands.give(Hands.place(ends, random), position);
        }
        return hands.dealt();
    }
}
