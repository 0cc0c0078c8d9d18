package dev.coppice.crypto.privacy;

import java.time.Duration;

/**
 * What may be learned about a device within any stretch of time of a given length, over all skills, and from everything
 * that is released of its updates.
 *
 * @param epsilonMax most epsilon at {@code delta}, above 0; infinite for no limit
 * @param delta above 0 and below 1
 * @param participationsMax most rounds whose masked update may have left, at least 1
 * @param period above 0
 */
public record PeriodBudget(double epsilonMax, double delta, long participationsMax, Duration period) {
    /** Epsilon at most 8 at delta 1e-8 and at most 8 participations, in any 90 days. */
    public static final PeriodBudget DEFAULT = new PeriodBudget(8, 1e-8, 8, Duration.ofDays(90));

    public PeriodBudget {
        if (!(epsilonMax > 0)
                || !(delta > 0 && delta < 1)
                || participationsMax < 1
                || period.isNegative()
                || period.isZero()) {
            throw new IllegalArgumentException("a privacy budget out of range");
        }
    }
}
