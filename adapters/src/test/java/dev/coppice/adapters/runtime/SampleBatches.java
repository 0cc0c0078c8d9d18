package dev.coppice.adapters.runtime;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;

/** Batches of made-up tokens; the same seed gives the same batch. */
final class SampleBatches {
    private static final int VOCABULARY = 13;

    private SampleBatches() {}

    /** A full batch for whatever the kit trains. */
    static Batch of(KitSpec spec, long seed) {
        return of(spec, seed, spec.batch(), 0);
    }

    static Batch of(KitSpec spec, long seed, int rowsUsed, int junk) {
        return of(spec, seed, rowsUsed, junk, VOCABULARY);
    }

    /**
     * @param rowsUsed rows that count
     * @param junk what unused rows and padding are filled with: must not matter
     * @param tokensBelow token ids are below this
     */
    static Batch of(KitSpec spec, long seed, int rowsUsed, int junk, int tokensBelow) {
        int length = spec.length();
        long[] tokens = new long[spec.batch() * length];
        long[] next = new long[tokens.length];
        long[] labels = new long[spec.batch()];
        int[] lengths = new int[spec.batch()];
        Arrays.fill(tokens, junk);
        Arrays.fill(next, junk);
        Arrays.fill(labels, junk);
        for (int row = 0; row < rowsUsed; row++) {
            byte[] drawn = new byte[length + 2];
            new SeededBytes(1000 * seed + row).fill(drawn);
            lengths[row] = 2 + (drawn[length + 1] & 0xff) % (length - 1);
            for (int i = 0; i < lengths[row]; i++) {
                tokens[row * length + i] = (drawn[i] & 0xff) * 7919L % tokensBelow;
                next[row * length + i] = (drawn[i + 1] & 0xff) % VOCABULARY;
            }
            labels[row] = row % Math.max(1, spec.labels().size());
        }
        if (!spec.task().hasLabels()) {
            return Batch.causal(spec.batch(), length, rowsUsed, tokens, lengths, next);
        }
        return spec.task() == Task.TEXT_CLASSIFICATION
                ? Batch.classification(spec.batch(), length, rowsUsed, tokens, lengths, labels)
                : Batch.joint(spec.batch(), length, rowsUsed, tokens, lengths, next, labels);
    }
}
