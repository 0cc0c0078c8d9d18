package dev.coppice.agent.policy;

import java.time.Duration;

/**
 * What a device uses, or may use, in a day.
 *
 * @param work time of training, which keeps one core busy
 * @param bytes sent and received, without HTTP's own
 * @param participations rounds that it enters
 */
public record DailyAmount(Duration work, long bytes, int participations) {
    /** Nothing. */
    public static final DailyAmount NOTHING = new DailyAmount(Duration.ZERO, 0, 0);

    /** Half an hour of one core, 100 MB, and four rounds. */
    public static final DailyAmount DEFAULT = new DailyAmount(Duration.ofMinutes(30), 100_000_000, 4);

    /** As much as it likes. */
    public static final DailyAmount UNLIMITED =
            new DailyAmount(Duration.ofSeconds(Long.MAX_VALUE / 2), Long.MAX_VALUE, Integer.MAX_VALUE);

    public DailyAmount {
        if (work.isNegative() || bytes < 0 || participations < 0) {
            throw new IllegalArgumentException("a device uses nothing or more");
        }
    }
}
