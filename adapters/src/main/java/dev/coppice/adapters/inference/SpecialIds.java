package dev.coppice.adapters.inference;

import dev.coppice.adapters.model.ModelConfig;
import java.util.List;
import java.util.OptionalInt;

/**
 * Token ids with a meaning of their own.
 *
 * @param pad fills up short rows; any valid id will do, for it is masked
 * @param start goes before every text, if the model was trained so
 * @param ends each of them ends a text; the first is what training puts there
 */
public record SpecialIds(int pad, OptionalInt start, List<Integer> ends) {
    public SpecialIds {
        ends = List.copyOf(ends);
    }

    /** What a base model's folder says. */
    public static SpecialIds of(ModelConfig config) {
        return new SpecialIds(config.padId(), OptionalInt.of(config.bosId()), config.eosIds());
    }
}
