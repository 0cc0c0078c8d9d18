package dev.coppice.agent.store;

import java.time.Instant;

/**
 * Something that changed what the device knows or does, for its user to read. Holds no text.
 *
 * @param examples that it was made from or judged by
 * @param before loss or accuracy before, as the kind says; NaN if there is none
 * @param after the same afterwards
 * @param packVersion installed then; 0 if none
 */
public record Event(Instant when, Kind kind, int examples, double before, double after, long packVersion) {
    /** What happened. Names are on the disk: none is renamed or given another meaning. */
    public enum Kind {
        /** A personal adapter was trained and is better: mean loss on held-out examples, in nats. */
        PERSONAL_IMPROVED,
        /** A personal adapter was trained and is no better: the same. */
        PERSONAL_KEPT_OLD,
        /** A personal adapter was better but had unlearned what the app tests: share of right answers there. */
        PERSONAL_FORGOT,
        /** A personal adapter is better than the new pack too, and stays: mean loss of the pack, and of the adapter. */
        PERSONAL_CARRIED_OVER,
        /** A personal adapter is worse than the new pack, and is set aside: the same. */
        PERSONAL_SET_ASIDE,
        /** The user or the app went back to the personal adapter before. */
        PERSONAL_ROLLED_BACK,
        /** A skill pack was installed: mean loss on held-out examples, in nats. */
        PACK_INSTALLED,
        /** A skill pack was worse here and was not installed: the same. */
        PACK_DECLINED,
        /** The user or the app went back to the pack before. */
        PACK_ROLLED_BACK,
        /** An update of this device is in the sum of a round: epsilon spent in life before, and afterwards. */
        TOOK_PART,
        /** Examples were deleted because they were too old or too many. */
        EXAMPLES_EXPIRED,
        /** All examples and personal adapters were deleted. */
        FORGOTTEN,
        /** The factors that rounds left with this device are better than what was in use: mean loss on held-out examples. */
        OWN_FACTORS_IN_USE
    }
}
