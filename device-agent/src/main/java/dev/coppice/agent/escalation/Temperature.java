package dev.coppice.agent.escalation;

import java.util.List;

/**
 * What logits are divided by so that probabilities are what they say (Guo et al. 2017, "On Calibration of Modern Neural
 * Networks", section 4.2). It changes no answer, only how sure it is.
 *
 * @param value {@value #MIN} to {@value #MAX}; above 1 the model was too sure
 */
public record Temperature(double value) {
    /** The model as it is. */
    public static final Temperature NONE = new Temperature(1);

    /** With fewer examples nothing is fitted: chance would decide. */
    public static final int EXAMPLES_MIN = 20;

    static final double MIN = 0.5;
    static final double MAX = 20;

    private static final int HALVINGS = 50;

    public Temperature {
        if (!(value >= MIN && value <= MAX)) {
            throw new IllegalArgumentException("a temperature is " + MIN + " to " + MAX);
        }
    }

    /**
     * The temperature that makes known answers likeliest. Their negative log-likelihood is convex in 1/T, so its slope
     * has one zero, which is found by bisection. A few examples that all come out right would ask for a temperature of
     * 0, and make the model sure of everything: hence the bounds.
     *
     * @param logits of each example, which were not trained on; one a label
     * @param labels index of each right answer
     */
    public static Temperature fit(List<float[]> logits, List<Integer> labels) {
        if (logits.size() != labels.size()) {
            throw new IllegalArgumentException("every example has one right answer");
        }
        if (logits.size() < EXAMPLES_MIN) {
            return NONE;
        }
        double low = 1 / MAX;
        double high = 1 / MIN;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (slope(logits, labels, middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new Temperature(Math.min(MAX, Math.max(MIN, 2 / (low + high))));
    }

    /** Probability of the likeliest label (Hendrycks and Gimpel 2017), 0 to 1. */
    public double confidence(float[] logits) {
        return Math.exp(highest(logits) / value - logOfSum(logits, 1 / value));
    }

    /**
     * Negative energy (Liu et al. 2020, "Energy-based Out-of-distribution Detection", equation 4): higher for texts like
     * those that were learned from.
     */
    public double negativeEnergy(float[] logits) {
        return value * logOfSum(logits, 1 / value);
    }

    /** Derivative of the negative log-likelihood by 1/T: what the logits are expected to be, less what the right ones are. */
    private static double slope(List<float[]> logits, List<Integer> labels, double inverse) {
        double slope = 0;
        for (int i = 0; i < logits.size(); i++) {
            float[] row = logits.get(i);
            double log = logOfSum(row, inverse);
            for (float logit : row) {
                slope += logit * Math.exp(inverse * logit - log);
            }
            slope -= row[labels.get(i)];
        }
        return slope;
    }

    private static double logOfSum(float[] logits, double inverse) {
        double highest = highest(logits);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(inverse * (logit - highest));
        }
        return inverse * highest + Math.log(sum);
    }

    private static double highest(float[] logits) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        return highest;
    }
}
