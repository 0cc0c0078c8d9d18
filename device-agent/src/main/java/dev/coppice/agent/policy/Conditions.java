package dev.coppice.agent.policy;

import java.util.OptionalInt;

/**
 * The state of a device at one moment.
 *
 * @param isCharging or has no battery at all
 * @param batteryPercent 0 to 100; empty without a battery
 * @param isIdle whether its user does not use it
 */
public record Conditions(boolean isCharging, OptionalInt batteryPercent, Heat heat, Link link, boolean isIdle) {
    /** A device that may do anything: on mains, cool, unmetered, unused. */
    public static final Conditions BEST = new Conditions(true, OptionalInt.empty(), Heat.NONE, Link.UNMETERED, true);

    /** How hot it is, in the steps that Android's thermal service has too. */
    public enum Heat {
        NONE,
        LIGHT,
        MODERATE,
        SEVERE,
        CRITICAL
    }

    /** The way to the network. */
    public enum Link {
        NONE,
        METERED,
        UNMETERED
    }

    public Conditions {
        if (batteryPercent.isPresent() && (batteryPercent.getAsInt() < 0 || batteryPercent.getAsInt() > 100)) {
            throw new IllegalArgumentException("a battery holds 0 to 100 percent");
        }
    }

    /** The same but for the charger and the battery. */
    public Conditions withBattery(boolean charging, int percent) {
        return new Conditions(charging, OptionalInt.of(percent), heat, link, isIdle);
    }

    /** The same but for the heat. */
    public Conditions withHeat(Heat now) {
        return new Conditions(isCharging, batteryPercent, now, link, isIdle);
    }

    /** The same but for the network. */
    public Conditions withLink(Link now) {
        return new Conditions(isCharging, batteryPercent, heat, now, isIdle);
    }

    /** The same but for being idle. */
    public Conditions withIdle(boolean now) {
        return new Conditions(isCharging, batteryPercent, heat, link, now);
    }
}
