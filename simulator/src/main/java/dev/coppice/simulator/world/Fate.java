package dev.coppice.simulator.world;

import dev.coppice.simulator.world.DropoutPlan.Step;
import java.time.Duration;
import java.util.Optional;

/**
 * What will become of a device in a round.
 *
 * @param vanishesBefore the step before which it is gone for good
 * @param pausesBefore the step before which it is away for a while
 * @param pause for how long
 */
public record Fate(Optional<Step> vanishesBefore, Optional<Step> pausesBefore, Duration pause) {
    /** Nothing. */
    public static final Fate STEADY = vanishing(Optional.empty());

    /** It vanishes before that step, if at all. */
    public static Fate vanishing(Optional<Step> before) {
        return new Fate(before, Optional.empty(), Duration.ZERO);
    }

    /** Whether the device may miss a step, by one of its doings before it or at it. */
    public boolean mayMiss(Step step) {
        return isBy(vanishesBefore, step) || isBy(pausesBefore, step);
    }

    private static boolean isBy(Optional<Step> at, Step step) {
        return at.filter(one -> one.compareTo(step) <= 0).isPresent();
    }

    /** In a few words; none if nothing becomes of it. */
    @Override
    public String toString() {
        String gone =
                vanishesBefore.map(step -> "vanishes before " + step.path()).orElse("");
        String away = pausesBefore
                .map(step -> "pauses " + pause.toMillis() + " ms before " + step.path())
                .orElse("");
        return gone.isEmpty() || away.isEmpty() ? gone + away : gone + ", " + away;
    }
}
