package dev.coppice.simulator.pretraining;

import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelConfig;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.Score;
import dev.coppice.adapters.runtime.Scores;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import java.io.IOException;
import java.nio.file.Path;
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
    private static final int BATCH = 8;
    private static final int LENGTH_MAX = 64;

    /**
     * The token loss of a base model as it is.
     *
     * @param work folder that a kit is made in
     * @throws IllegalArgumentException if none of the texts can be used
     */
    public static HeldOutFigures ofTokens(BaseModel model, List<Example> texts, Path work)
            throws IOException, KitRefusedException, EngineException {
        // an adapter that has not been trained changes nothing, and a kit wants one
        LoraSpec lora = new LoraSpec(1, 1, model.config().loraTargets(), Factors.B, 0);
        int length = Math.min(LENGTH_MAX, model.config().lengthMax());
        KitSpec spec = new KitSpec(Task.CAUSAL_LM, lora, List.of(), BATCH, length);
        ModelConfig config = model.config();
        List<Batch> batches =
                new Batches(model.tokenizer(), spec, config.padId(), config.bosId(), config.eosId()).of(texts);
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("none of the texts can be used");
        }
        try (TrainingEngine engine = Engines.open(model.kit(spec, work), EngineKind.ORT_TRAINING)) {
            return of(engine, batches);
        }
    }

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
