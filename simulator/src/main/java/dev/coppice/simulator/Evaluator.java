package dev.coppice.simulator;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.Score;
import dev.coppice.adapters.runtime.Scores;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.training.EngineSource;
import dev.coppice.simulator.report.HeldOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Judges a candidate on texts that no device holds, each text prepared once. Safe for use by several threads. */
final class Evaluator {
    /** How close the probability of a right token must come to the likeliest one's to be that token. */
    private static final double SAME = 1e-5;

    private final EngineSource engines;
    private final Kit kit;
    private final List<Batch> questions;
    private final List<Integer> labels = new ArrayList<>();

    /** Prepares the usable ones of {@code examples}. */
    Evaluator(EngineSource engines, Kit kit, Batches batches, List<Example> examples) {
        this.engines = engines;
        this.kit = kit;
        List<Example> usable = examples.stream().filter(batches::usable).toList();
        this.questions = batches.of(usable);
        if (kit.spec().task() != Task.CAUSAL_LM) {
            Map<String, Integer> ids = new HashMap<>();
            kit.spec().labels().forEach(label -> ids.put(label, ids.size()));
            usable.forEach(example -> labels.add(ids.getOrDefault(example.label(), -1)));
        }
    }

    /** Accuracy and loss over all labelled positions; NaN if there are none. */
    HeldOut.Score judge(AdapterWeights weights) throws EngineException, InterruptedException {
        return engines.use(kit, engine -> {
            engine.load(weights);
            int positions = 0;
            int correct = 0;
            double loss = 0;
            for (Batch question : questions) {
                Scores scores = engine.score(question);
                for (Score answer : labels.isEmpty() ? scores.tokens() : scores.rows()) {
                    correct += isRight(answer, positions) ? 1 : 0;
                    loss += answer.loss();
                    positions++;
                }
            }
            return new HeldOut.Score((double) correct / positions, loss / positions);
        });
    }

    /** Which token was right is known by the loss alone. */
    private boolean isRight(Score answer, int position) {
        return labels.isEmpty()
                ? Math.exp(-answer.loss()) >= answer.probability() * (1 - SAME)
                : answer.predicted() == labels.get(position);
    }
}
