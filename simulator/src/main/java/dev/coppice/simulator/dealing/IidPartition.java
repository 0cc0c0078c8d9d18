package dev.coppice.simulator.dealing;

import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.extension.Partition;
import java.util.List;
import java.util.SplittableRandom;

/** {@code iid}: all devices have equally many texts, whoever said them. */
public final class IidPartition implements Partition {
    @Override
    public String name() {
        return "iid";
    }

    @Override
    public List<int[]> deal(Corpus corpus, int devices, Parameters parameters, SplittableRandom random) {
        Hands hands = new Hands(devices);
        int[] order = Hands.shuffled(corpus.examples().size(), random);
        for (int i = 0; i < order.length; i++) {
            hands.give(i % devices, order[i]);
        }
        return hands.dealt();
    }
}
