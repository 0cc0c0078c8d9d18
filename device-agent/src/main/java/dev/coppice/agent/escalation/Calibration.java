package dev.coppice.agent.escalation;

import java.util.List;

/**
 * How sure a model is, judged by examples of this device that it was not trained on.
 *
 * @param scopeMin negative energy below which a text counts as out of scope
 */
public record Calibration(Temperature temperature, double scopeMin) {
    /** Nothing is known: the model is believed as it is, and no text is out of scope. */
    public static final Calibration NONE = new Calibration(Temperature.NONE, Double.NEGATIVE_INFINITY);

    /**
     * Learns it from examples.
     *
     * @param logits of examples that were not trained on
     * @param labels index of each right answer
     * @param scopeQuantile share of these examples below {@code scopeMin}
     */
    public static Calibration fit(List<float[]> logits, List<Integer> labels, double scopeQuantile) {
        if (logits.size() < Temperature.EXAMPLES_MIN) {
            return NONE;
        }
        Temperature temperature = Temperature.fit(logits, labels);
        double[] scores = logits.stream()
                .mapToDouble(Temperature.NONE::negativeEnergy)
                .sorted()
                .toArray();
        int below = (int) Math.floor(scopeQuantile * scores.length);
        double scopeMin = below < scores.length ? scores[below] : Double.POSITIVE_INFINITY;
        return new Calibration(temperature, below == 0 ? Double.NEGATIVE_INFINITY : scopeMin);
    }

    /** Probability of the likeliest label, 0 to 1. */
    public double confidence(float[] logits) {
        return temperature.confidence(logits);
    }

    /** By the logits as they are: a temperature would only blur what the training has set apart. */
    public boolean isInScope(float[] logits) {
        return Temperature.NONE.negativeEnergy(logits) >= scopeMin;
    }
}
