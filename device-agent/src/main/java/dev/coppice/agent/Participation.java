package dev.coppice.agent;

import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.policy.Obstacle;
import dev.coppice.agent.upload.Step;
import java.time.Duration;

/** What became of one attempt to take part in a round. On Java 21 and later a switch over it is exhaustive. */
public sealed interface Participation {
    /**
     * The update is in the sum, and the round needs nothing more from this device.
     *
     * @param steps optimizer steps that were taken; 0 in a round of metrics
     * @param loss mean training loss over the last steps, in nats; NaN in a round of metrics
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

    /** The device may not work now, and used nothing that costs privacy. */
    record NotNow(Obstacle obstacle, Duration comeBack) implements Participation {}

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
}
