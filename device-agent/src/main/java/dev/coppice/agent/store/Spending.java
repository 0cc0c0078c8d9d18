package dev.coppice.agent.store;

import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.time.Instant;

/**
 * What taking part in one round costs a device.
 *
 * @param roundId the round
 * @param skill that the round trains
 * @param deviceId what the device is called in the round: its aggregator counts under that name
 * @param charge of the round's recomputed noise: of the update and of all else that the round releases together
 * @param opened when the round was opened, by its signed terms. Where the device's clock is ahead, this is what a period
 *     is judged by: a period is over when both say so
 */
public record Spending(String roundId, String skill, String deviceId, Charge charge, Instant opened) {
    Instant judgedAt(Instant now) {
        return opened.isBefore(now) ? opened : now;
    }
}
