package dev.coppice.simulator.extension;

import java.util.List;
import java.util.SplittableRandom;

/** A way to deal texts out to devices. */
public interface Partition extends Named {
    /**
     * Deals.
     *
     * @param devices how many hands there are at most
     * @param random the only source of chance
     * @return each hand as positions in the corpus, no position twice; hands with fewer than 4 texts get no device
     * @throws IllegalArgumentException if this cannot deal this corpus so, with the reason
     */
    List<int[]> deal(Corpus corpus, int devices, Parameters parameters, SplittableRandom random);
}
