package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.escalation.Calibration;
import dev.coppice.agent.escalation.Escalation;
import dev.coppice.agent.escalation.OwnAnswer;
import dev.coppice.agent.escalation.Reply;
import dev.coppice.agent.training.Predictor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers with what the device knows of how sure it is, which it learns from its held-out examples whenever these or the
 * weights in use are others. Thread-safe.
 */
final class Asking {
    /** The newest so many tell how sure the device is. */
    private static final int EXAMPLES_MAX = 500;

    private final Predictor predictor;
    private final List<String> labels;
    private final Optional<Escalation> escalation;
    private @Nullable Known known;

    /** @param labels of the kit */
    Asking(Predictor predictor, List<String> labels, Optional<Escalation> escalation) {
        this.predictor = predictor;
        this.labels = labels;
        this.escalation = escalation;
    }

    /** What was learned, and from what. */
    private record Known(AdapterWeights weights, List<Example> heldOut, Calibration calibration) {}

    /** @param heldOut usable examples that the weights were not trained on, the newest last */
    Reply ask(String text, InUse inUse, List<Example> heldOut) throws InterruptedException, EngineException {
        Calibration calibration = calibration(inUse.best(), heldOut);
        float[] logits = predictor.logits(inUse.best(), List.of(text)).get(0);
        OwnAnswer own = new OwnAnswer(labels.get(likeliest(logits)), calibration.confidence(logits));
        return escalation.isPresent()
                ? escalation.get().ask(text, own, calibration.isInScope(logits), labels)
                : new Reply.FromDevice(own, Reply.Why.NOBODY_TO_ASK);
    }

    @SuppressWarnings("ReferenceEquality") // weights are large, and change by exchange
    private synchronized Calibration calibration(AdapterWeights weights, List<Example> heldOut)
            throws InterruptedException, EngineException {
        List<Example> newest = heldOut.subList(Math.max(0, heldOut.size() - EXAMPLES_MAX), heldOut.size());
        if (known == null || known.weights() != weights || !known.heldOut().equals(newest)) {
            double quantile = escalation.map(to -> to.rules().scopeQuantile()).orElse(0.0);
            Calibration fresh = newest.isEmpty()
                    ? Calibration.NONE
                    : Calibration.fit(
                            predictor.logits(
                                    weights, newest.stream().map(Example::text).toList()),
                            newest.stream()
                                    .map(example -> labels.indexOf(example.label()))
                                    .toList(),
                            quantile);
            known = new Known(weights, List.copyOf(newest), fresh);
            return fresh;
        }
        return known.calibration();
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
