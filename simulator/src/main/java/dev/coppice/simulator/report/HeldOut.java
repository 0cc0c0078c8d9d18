package dev.coppice.simulator.report;

import java.util.Locale;

/**
 * Accuracy and loss on texts that nobody trained on, every text counting once.
 *
 * @param majority always the commonest answer of the training texts; its loss is that of their frequencies
 * @param base the base model as shipped
 * @param localOnly the base model fine-tuned by each device alone, without any round
 * @param pack the skill pack that the rounds made
 * @param personal each device's own adapter on top of the pack
 */
public record HeldOut(Score majority, Score base, Score localOnly, Score pack, Score personal) {
    /**
     * How good one model is.
     *
     * @param accuracy 0 to 1
     * @param loss mean cross-entropy in nats
     */
    public record Score(double accuracy, double loss) {
        boolean beats(Score other, Measure measure) {
            return switch (measure) {
                case ACCURACY -> accuracy > other.accuracy;
                case LOSS -> loss < other.loss;
            };
        }
    }

    /** What decides whether a model is better. */
    public enum Measure {
        /** Of answers: what people see. */
        ACCURACY,
        /** Of language models, whose likeliest next token is rarely the point. */
        LOSS
    }

    /** Whether pack and personal adapter each improve on the step before. */
    public boolean improved(Measure measure) {
        return pack.beats(base, measure) && personal.beats(pack, measure);
    }

    /** The same in a sentence that also says what failed. */
    public String statement(Measure measure) {
        String figure = "held-out " + measure.name().toLowerCase(Locale.ROOT);
        if (improved(measure)) {
            return "The skill pack beats the base model in " + figure
                    + ", and the personal adapters beat the skill pack.";
        }
        if (!pack.beats(base, measure) && !personal.beats(pack, measure)) {
            return "A miss: neither the skill pack nor the personal adapters improved " + figure + ".";
        }
        return pack.beats(base, measure)
                ? "A miss: the skill pack improved " + figure + ", the personal adapters on top of it did not."
                : "A miss: the skill pack did not improve " + figure + " over the base model.";
    }
}
