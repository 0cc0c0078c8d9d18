package dev.coppice.agent.policy;

import java.time.Duration;

/**
 * How much of its user's data a device works with and keeps.
 *
 * @param examplesMin fewest usable examples to train on, for itself or in a round
 * @param examplesMax most examples that are kept; beyond, the oldest eighth goes
 * @param keptFor how long an example is kept; it is gone from the disk at most a day later, if the agent is open then
 */
public record DataRules(int examplesMin, int examplesMax, Duration keptFor) {
    /** At least 8 to train on, at most 20,000, for 180 days. */
    public static final DataRules DEFAULT = new DataRules(8, 20_000, Duration.ofDays(180));

    public DataRules {
        if (examplesMin < 1 || examplesMax < examplesMin || keptFor.isNegative() || keptFor.isZero()) {
            throw new IllegalArgumentException("at least one example to train on, no fewer to keep, for some time");
        }
    }
}
