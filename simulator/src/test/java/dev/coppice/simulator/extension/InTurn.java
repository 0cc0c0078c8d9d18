package dev.coppice.simulator.extension;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** An example of a partition: one after the other. */
public final class InTurn implements Partition {
    @Override
    public String name() {
        return "example-in-turn";
    }

    @Override
    public List<int[]> deal(Corpus corpus, int devices, Parameters parameters, SplittableRandom random) {
        List<int[]> hands = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            int own = device;
            hands.add(IntStream.range(0, corpus.examples().size())
                    .filter(i -> i % devices == own)
                    .toArray());
        }
        return hands;
    }
}
