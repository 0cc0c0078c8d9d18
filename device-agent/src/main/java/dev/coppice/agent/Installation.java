package dev.coppice.agent;

import dev.coppice.agent.policy.Obstacle;
import java.time.Duration;

/** What became of a look for a newer skill pack. */
public sealed interface Installation {
    /**
     * The offered pack is installed.
     *
     * @param lossBefore mean loss of what was installed before on the device's own held-out examples, in nats; NaN
     *     if it has none
     * @param lossAfter the same of the new pack
     */
    record Installed(long version, double lossBefore, double lossAfter) implements Installation {}

    /** There is nothing newer. {@code version} is the installed one, 0 if none. */
    record UpToDate(long version) implements Installation {}

    /**
     * Release keys do not vouch for the installed pack any more: it is gone.
     *
     * @param now version of the pack that was installed before and took its place; 0 if none
     */
    record Revoked(long version, long now) implements Installation {}

    /**
     * The rollout was halted, or the app pinned an earlier version: the device went back.
     *
     * @param now the version in use; 0 for the base model as it came
     */
    record Returned(long version, long now) implements Installation {}

    /** The offered pack was good by its signatures but worse on the device's own examples: the old one stays. */
    record RolledBack(long version, double lossBefore, double lossAfter, String why) implements Installation {}

    /** The offer broke a rule: the old pack stays. {@code why} names the first rule that failed. */
    record Refused(String why) implements Installation {}

    /** The device may not work now: the old pack stays. */
    record NotNow(Obstacle obstacle, Duration comeBack) implements Installation {}

    /** The aggregator could not be reached: the old pack stays. */
    record Unreachable(String why) implements Installation {}
}
