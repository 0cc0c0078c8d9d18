package dev.coppice.aggregator.store;

import java.util.List;

/** What happened to rounds, for others to hear of: each change is recorded with the change itself. For any number of processes. */
public interface EventStore {
    /**
     * A round after a change.
     *
     * @param version of the round: rises by one with each change of phase
     */
    record RoundEvent(
            String taskId, String roundId, int number, long version, Phase phase, AbortReason reason, Tally tally) {}

    /** Events that nobody was told of, those of a round in order; so many at most. */
    List<RoundEvent> untold(int max);

    /** Records that these were told. */
    void told(List<RoundEvent> events);
}
