package dev.coppice.agent.policy;

import dev.coppice.agent.policy.Conditions.Heat;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * When a device may work. What it says of the device's state holds if the app gives a {@link ConditionSource}; quiet
 * hours and daily limits hold always.
 *
 * @param isForCharging whether only while charging
 * @param batteryPercentMin least charge, where there is a battery, charging or not
 * @param heatMax most heat; training stops when it gets hotter
 * @param isForUnmetered whether it sends and receives over unmetered networks only
 * @param isForIdle whether it works only while nobody uses the device
 * @param quiet hours in which it rests
 * @param perDay what it may use in a day
 * @param zone whose days and hours are meant
 */
public record WorkPolicy(
        boolean isForCharging,
        int batteryPercentMin,
        Heat heatMax,
        boolean isForUnmetered,
        boolean isForIdle,
        Optional<QuietHours> quiet,
        DailyAmount perDay,
        ZoneId zone) {
    /**
     * Only while charging, with 30 percent or more, below moderate heat, on unmetered networks, while nobody uses the
     * device; at any hour of UTC's days; {@link DailyAmount#DEFAULT}. Like what Android's on-device personalization asks
     * of a device.
     */
    public static final WorkPolicy DEFAULT =
            new WorkPolicy(true, 30, Heat.LIGHT, true, true, Optional.empty(), DailyAmount.DEFAULT, ZoneOffset.UTC);

    /** At any time and without limits: for servers, simulations, and apps that see to all of it themselves. */
    public static final WorkPolicy ANY_TIME = new WorkPolicy(
            false, 0, Heat.CRITICAL, false, false, Optional.empty(), DailyAmount.UNLIMITED, ZoneOffset.UTC);

    public WorkPolicy {
        if (batteryPercentMin < 0 || batteryPercentMin > 100) {
            throw new IllegalArgumentException("a battery holds 0 to 100 percent");
        }
    }

    /** The same with other daily limits. */
    public WorkPolicy withPerDay(DailyAmount limits) {
        return new WorkPolicy(
                isForCharging, batteryPercentMin, heatMax, isForUnmetered, isForIdle, quiet, limits, zone);
    }

    /** The same with quiet hours, in this zone; its days count from now on too. */
    public WorkPolicy withQuietHours(QuietHours hours, ZoneId where) {
        return new WorkPolicy(
                isForCharging,
                batteryPercentMin,
                heatMax,
                isForUnmetered,
                isForIdle,
                Optional.of(hours),
                perDay,
                where);
    }
}
