package dev.coppice.adapters.inference;

import java.util.List;

/**
 * How a text is gone on with.
 *
 * @param tokensMax new tokens at most, at least 1; the model's longest text is a limit too
 * @param stopTexts the text ends before the first of these, which may span tokens; none is empty
 */
public record GenerationSettings(Sampling sampling, int tokensMax, List<String> stopTexts) {
    /** @throws IllegalArgumentException if a value is out of range */
    public GenerationSettings {
        stopTexts = List.copyOf(stopTexts);
        if (tokensMax < 1) {
            throw new IllegalArgumentException("at least one token is generated");
        }
        if (stopTexts.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a stop text is not empty");
        }
    }

    /** The likeliest continuation of so many tokens at most. */
    public static GenerationSettings greedy(int tokensMax) {
        return new GenerationSettings(Sampling.greedy(), tokensMax, List.of());
    }
}
