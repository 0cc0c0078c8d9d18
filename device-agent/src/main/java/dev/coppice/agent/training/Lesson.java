package dev.coppice.agent.training;

import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import dev.coppice.crypto.RandomSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * An endless sequence of batches: all examples in a fresh order, then again. Where a kit is faster on short texts, they
 * share batches, which then come in any order; in language modelling they share rows. Equal seeds give equal sequences. Use on one thread.
 */
final class Lesson {
    private final Batches batches;
    private final List<Example> examples;
    private final RandomSource random;
    private final Deque<Batch> rest = new ArrayDeque<>();

    /** @param examples at least one, all usable */
    Lesson(Batches batches, List<Example> examples, RandomSource random) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to learn from");
        }
        this.batches = batches;
        this.examples = new ArrayList<>(examples);
        this.random = random;
    }

    Batch next() {
        if (rest.isEmpty()) {
            shuffle(examples);
            List<Batch> epoch = new ArrayList<>(batches.pass(examples));
            if (batches.hasSeveralLengths()) {
                shuffle(epoch);
            }
            rest.addAll(epoch);
        }
        return rest.remove();
    }

    /** Fisher and Yates; the order need not be secret, only different for each epoch. */
    private void shuffle(List<?> list) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, below(i + 1));
        }
    }

    private int below(int bound) {
        long draw = 0;
        for (byte b : random.bytes(Long.BYTES)) {
            draw = draw << 8 | (b & 0xff);
        }
        return (int) Long.remainderUnsigned(draw, bound); // off from uniform by at most bound / 2^64
    }
}
