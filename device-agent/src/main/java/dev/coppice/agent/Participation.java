package dev.coppice.agent;

import java.time.Duration;

/** What became of one attempt to take part in a round. On Java 21 and later a switch over it is exhaustive. */
public sealed interface Participation {
    /**
     * The update is in the sum, and the round needs nothing more from this device.
     *
     * @param steps optimizer steps that were taken
     * @param loss mean training loss over the last steps, in nats
     * @param epsilonSpent what the ledger now shows for this device, over all rounds it entered masked
     * @param bytesUp bodies sent, without HTTP headers
     * @param bytesDown bodies received, the candidate included where it was not at hand
     */
    record TookPart(
            String roundId,
            String skill,
            int roundNumber,
            int steps,
            double loss,
            double epsilonSpent,
            long bytesUp,
            long bytesDown)
            implements Participation {}

    /** No round wants this device now. */
    record NothingToDo(Duration comeBack) implements Participation {}

    /**
     * The device will not do what the round asks, or the aggregator does not want the device.
     *
     * @param roundId empty if it did not come to a round
     * @param why for the app's developer; names no text, label or secret
     */
    record Refused(String roundId, Reason reason, String why) implements Participation {}

    /**
     * The round went on, or ended, without this device's update being known to be in it.
     *
     * @param step the step that was not completed
     * @param charged whether the ledger was charged; it is not refunded
     */
    record DroppedOut(String roundId, Step step, String why, boolean charged, long bytesUp, long bytesDown)
            implements Participation {}

    /** Why a device stays out. */
    enum Reason {
        NOT_ENROLLED,
        TOO_FEW_EXAMPLES,
        TERMS_NOT_SIGNED,
        TERMS_OUT_OF_RANGE,
        TOO_LITTLE_NOISE,
        BUDGET_SPENT,
        ALREADY_ENTERED,
        OTHER_BASE_MODEL,
        OTHER_KIT,
        CANDIDATE_REFUSED,
        SERVER_REFUSED
    }

    /** The steps of a round, in order. */
    enum Step {
        CHECK_IN,
        TRAIN,
        ADVERTISE,
        SHARES,
        MASKED_INPUT,
        UNMASK
    }
}
