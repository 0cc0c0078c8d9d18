package dev.coppice.simulator.pretraining;

import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.Score;
import dev.coppice.adapters.runtime.Scores;
import dev.coppice.adapters.runtime.TrainingEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How a model does on texts of people it has not seen.
 *
 * @param tokenLoss mean cross entropy of the next token in nats
 * @param labelLoss mean cross entropy of the label in nats; 0 without labels
 * @param accuracy share of right labels, 0 to 1; 0 without labels
 */
public record HeldOutFigures(double tokenLoss, double labelLoss, double accuracy) {
    static HeldOutFigures of(TrainingEngine engine, List<Batch> batches) throws EngineException {
        List<Score> tokens = new ArrayList<>();
        List<Score> rows = new ArrayList<>();
        int right = 0;
        for (Batch batch : batches) {
            Scores scores = engine.score(batch);
            tokens.addAll(scores.tokens());
            for (int row = 0; row < scores.rows().size(); row++) {
                if (batch.label(row) != Batch.IGNORED) {
                    rows.add(scores.rows().get(row));
                    right += scores.rows().get(row).predicted() == batch.label(row) ? 1 : 0;
                }
            }
        }
        return new HeldOutFigures(mean(tokens), mean(rows), rows.isEmpty() ? 0 : (double) right / rows.size());
    }

    private static double mean(List<Score> scores) {
        return scores.stream().mapToDouble(Score::loss).average().orElse(0);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "held-out token loss %.3f, label loss %.3f, accuracy %.3f",
                tokenLoss,
                labelLoss,
                accuracy);
    }
}
