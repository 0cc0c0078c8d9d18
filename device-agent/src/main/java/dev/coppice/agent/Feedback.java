package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.install.PackTrial;
import dev.coppice.agent.install.PersonalAdapter;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Judgement;
import dev.coppice.crypto.metrics.Figure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a device tells in a round of metrics: whether something does well on it, and how well, in figures from 0 to 1. */
final class Feedback {
    private Feedback() {}

    /**
     * Of a skill pack.
     *
     * @param trial empty if the device has not tried it: then it says nothing, but takes part all the same, or its absence
     *     would tell
     */
    static Map<Figure, Double> of(Optional<PackTrial> trial) {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        trial.ifPresent(tried -> {
            figures.put(Figure.TRIED, 1.0);
            figures.put(Figure.WENT_BACK, tried.wentBack() ? 1.0 : 0);
            figures.put(Figure.CRASHED, tried.crashed() ? 1.0 : 0);
            figures.put(Figure.JUDGED, tried.after().isPresent() ? 1.0 : 0);
            figures.put(Figure.RIGHT_BEFORE, tried.before().orElse(0));
            figures.put(Figure.RIGHT_AFTER, tried.after().orElse(0));
        });
        return figures;
    }

    /**
     * Of a candidate, in comparison with the pack in use.
     *
     * @param heldOut usable examples that were never trained on; may be empty
     */
    static Map<Figure, Double> of(
            AdapterWeights candidate, AdapterWeights pack, List<Example> heldOut, Classroom classroom)
            throws InterruptedException, EngineException {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.TRIED, 1.0);
        if (!heldOut.isEmpty()) {
            Judgement before = classroom.judge(pack, heldOut);
            Judgement after = classroom.judge(candidate, heldOut);
            figures.put(Figure.JUDGED, 1.0);
            figures.put(Figure.WENT_BACK, Renewal.isWorse(before, after) ? 1.0 : 0);
            figures.put(Figure.RIGHT_BEFORE, before.accuracy());
            figures.put(Figure.RIGHT_AFTER, after.accuracy());
        }
        return figures;
    }

    /**
     * Of a personal adapter, in comparison with the pack that it is on top of. A device without one says nothing, but takes part
     * all the same.
     *
     * @param heldOut usable examples that were never trained on; may be empty
     */
    static Map<Figure, Double> of(
            Optional<PersonalAdapter> personal, AdapterWeights pack, List<Example> heldOut, Classroom classroom)
            throws InterruptedException, EngineException {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        if (personal.isPresent() && !heldOut.isEmpty()) {
            double before = classroom.judge(pack, heldOut).accuracy();
            double after = classroom.judge(personal.get().weights(), heldOut).accuracy();
            figures.put(Figure.PERSONAL_JUDGED, 1.0);
            figures.put(Figure.PERSONAL_RIGHT_BEFORE, before);
            figures.put(Figure.PERSONAL_RIGHT_AFTER, after);
            figures.put(Figure.ofGain(after - before), 1.0);
        }
        return figures;
    }
}
