package dev.coppice.adapters.inference;

import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.text.TextTokenizer;
import java.util.Arrays;

/**
 * How a model reads: texts to ids, and how many of them.
 *
 * @param tokenizer stays its owner's
 * @param lengthMax tokens of the longest text that the model can read
 */
public record Language(TextTokenizer tokenizer, SpecialIds special, int lengthMax) {
    /** @throws IllegalArgumentException if no text is short enough */
    public Language {
        if (lengthMax < 2) {
            throw new IllegalArgumentException("a model reads at least 2 tokens");
        }
    }

    /** As a base model reads, which has to stay open. */
    public static Language of(BaseModel model) {
        return new Language(
                model.tokenizer(), SpecialIds.of(model.config()), model.config().lengthMax());
    }

    /** Ids of a text, with the start in front of them. */
    int[] read(String text) {
        return started(tokenizer.encode(text));
    }

    /** The ids with the start in front of them. */
    int[] started(int[] ids) {
        if (special.start().isEmpty()) {
            return ids;
        }
        int[] started = new int[ids.length + 1];
        started[0] = special.start().getAsInt();
        System.arraycopy(ids, 0, started, 1, ids.length);
        return started;
    }

    /** Ids of a text, with the start in front of them and its end behind, as far as the model knows such. */
    int[] readToEnd(String text) {
        int[] ids = read(text);
        if (special.ends().isEmpty()) {
            return ids;
        }
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = special.ends().get(0);
        return ended;
    }
}
