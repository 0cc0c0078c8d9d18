package dev.coppice.adapters.runtime;

import dev.coppice.adapters.kit.KitSpec;
import java.util.ArrayList;
import java.util.List;

/** Turns the outputs of a kit's eval model into scores. */
final class ScoreReader {
    /** One kind of scored positions: losses, predicted ids and their probabilities. */
    interface Columns {
        float[] floats(int output, int count) throws EngineException;

        long[] longs(int output, int count) throws EngineException;
    }

    private ScoreReader() {}

    /** The eval model gives the loss, and then three columns for each kind of labels. */
    static Scores read(KitSpec spec, Batch batch, Columns columns) throws EngineException {
        List<Score> rows = new ArrayList<>();
        List<Score> tokens = new ArrayList<>();
        int next = 1;
        if (spec.task().hasLabels()) {
            rows.addAll(column(columns, next, spec.batch()).subList(0, batch.rowsUsed()));
            next += 3;
        }
        if (spec.task().hasTokens()) {
            List<Score> all = column(columns, next, spec.batch() * spec.length());
            long[] labels = batch.nextTokens();
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] != Batch.IGNORED) {
                    tokens.add(all.get(i));
                }
            }
        }
        return new Scores(rows, tokens);
    }

    private static List<Score> column(Columns columns, int first, int count) throws EngineException {
        float[] losses = columns.floats(first, count);
        long[] predicted = columns.longs(first + 1, count);
        float[] probabilities = columns.floats(first + 2, count);
        List<Score> scores = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            scores.add(new Score(losses[i], (int) predicted[i], probabilities[i]));
        }
        return scores;
    }
}
