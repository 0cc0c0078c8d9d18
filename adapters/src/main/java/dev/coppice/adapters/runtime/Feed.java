package dev.coppice.adapters.runtime;

import dev.coppice.adapters.kit.KitInputs;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;

/** What of a batch goes into which input of a kit's graphs. */
final class Feed {
    private Feed() {}

    /** @throws IllegalArgumentException if the batch was not made for such a kit */
    static void requireFits(Batch batch, KitSpec spec) {
        boolean fits = batch.batch() == spec.batch()
                && batch.length() == spec.length()
                && (spec.task() == Task.TEXT_CLASSIFICATION || batch.hasNextTokens())
                && (spec.task() == Task.CAUSAL_LM || batch.hasRowLabels());
        if (!fits) {
            throw new IllegalArgumentException("the batch does not have the shape or the labels of the kit");
        }
    }

    static long[] values(Batch batch, String input) {
        return switch (input) {
            case KitInputs.TOKENS -> batch.tokens();
            case KitInputs.MASK -> batch.attentionMask();
            case KitInputs.NEXT_TOKENS -> batch.nextTokens();
            case KitInputs.ROW_LABELS -> batch.rowLabels();
            default -> throw new IllegalArgumentException("no batch has " + input);
        };
    }
}
