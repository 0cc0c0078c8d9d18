package dev.coppice.agent.policy;

import java.time.Duration;
import java.time.LocalTime;
import java.time.ZonedDateTime;

/** A part of each day in which the device rests: from one time of day up to another, over midnight if that is earlier. */
public record QuietHours(LocalTime from, LocalTime to) {
    public QuietHours {
        if (from.equals(to)) {
            throw new IllegalArgumentException("quiet hours begin and end at unlike times");
        }
    }

    /** Whether a moment is in them. */
    public boolean contain(ZonedDateTime moment) {
        LocalTime time = moment.toLocalTime();
        boolean afterFrom = !time.isBefore(from);
        boolean beforeTo = time.isBefore(to);
        return from.isBefore(to) ? afterFrom && beforeTo : afterFrom || beforeTo;
    }

    /** From a moment in them to their end. */
    public Duration left(ZonedDateTime moment) {
        ZonedDateTime end = moment.with(to);
        return Duration.between(
                moment, end.isAfter(moment) ? end : moment.plusDays(1).with(to));
    }
}
