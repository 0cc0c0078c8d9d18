package dev.coppice.adapters.pack;

import dev.coppice.crypto.trust.RolloutPolicy;
import dev.coppice.protocol.Identifiers;

/**
 * How well a pack does on the devices of one class, each judged by examples of its own that it did not train on: means over
 * devices, out of noised sums.
 *
 * @param deviceClass 1 to 64 characters of [a-z0-9-]; {@code *} for the devices of no other class that is named
 * @param devices that were judged; noised, so no whole number
 * @param before accuracy of what they used before, 0 to 1
 * @param after accuracy of the pack, 0 to 1
 * @param low end of the interval that holds {@code after} with 95 % confidence, as {@link AccuracyInterval} has it
 * @param high its other end
 */
public record ClassAccuracy(String deviceClass, double devices, double before, double after, double low, double high) {
    public static final String ALL_OTHERS = RolloutPolicy.ALL_OTHERS;

    /** @throws IllegalArgumentException if a value is out of range */
    public ClassAccuracy {
        boolean fits = (Identifiers.isIdentifier(deviceClass) || deviceClass.equals(ALL_OTHERS))
                && devices > 0
                && Double.isFinite(devices)
                && before >= 0
                && before <= 1
                && low >= 0
                && low <= after
                && after <= high
                && high <= 1;
        if (!fits) {
            throw new IllegalArgumentException("an accuracy is out of range");
        }
    }
}
