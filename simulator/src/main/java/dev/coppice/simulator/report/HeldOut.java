package dev.coppice.simulator.report;

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
        /** Whether this is better than {@code other} in accuracy, the figure that people see. */
        public boolean beats(Score other) {
            return accuracy > other.accuracy;
        }
    }

    /** Whether pack and personal adapter each improve on the step before. */
    public boolean improved() {
        return pack.beats(base) && personal.beats(pack);
    }

    /** The same in a sentence that also says what failed. */
    public String statement() {
        if (improved()) {
            return "The skill pack beats the base model, and the personal adapters beat the skill pack.";
        }
        if (!pack.beats(base) && !personal.beats(pack)) {
            return "A miss: neither the skill pack nor the personal adapters improved held-out accuracy.";
        }
        return pack.beats(base)
                ? "A miss: the skill pack improved held-out accuracy, the personal adapters on top of it did not."
                : "A miss: the skill pack did not improve held-out accuracy over the base model.";
    }
}
