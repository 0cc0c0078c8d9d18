package dev.coppice.adapters.runtime;

import java.util.List;

/**
 * Scores of one batch.
 *
 * @param rows one for each used row, in order (classification and pretraining; else empty)
 * @param tokens one for each labelled token, row by row (language modelling and pretraining; else empty)
 */
public record Scores(List<Score> rows, List<Score> tokens) {
    public Scores {
        rows = List.copyOf(rows);
        tokens = List.copyOf(tokens);
    }
}
