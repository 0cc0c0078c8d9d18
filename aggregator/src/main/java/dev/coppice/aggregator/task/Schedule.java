package dev.coppice.aggregator.task;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When rounds of a task may open.
 *
 * @param start not before
 * @param end not from then on: the task is over
 * @param interval least time from the opening of one round to that of the next
 */
public record Schedule(Instant start, Instant end, Duration interval) {
    public static final Schedule ALWAYS = new Schedule(Instant.MIN, Instant.MAX, Duration.ZERO);

    /** That of a definition that was checked before. */
    public static Schedule of(TaskDefinition task) {
        try {
            return TaskJson.schedule(task);
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    /**
     * When the next round may open.
     *
     * @param lastOpened empty before the first round
     */
    public Instant opens(Optional<Instant> lastOpened) {
        return lastOpened
                .map(last -> last.plus(interval))
                .filter(start::isBefore)
                .orElse(start);
    }

    public boolean isOver(Instant now) {
        return !now.isBefore(end);
    }
}
