package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.protocol.round.RoundTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A round of a {@link PacedRun} that is not over. */
final class PacedRound {
    final RoundTerms terms;
    final AdapterWeights start;
    final Duration opened;

    /** Merges of the task when it opened. */
    final int mergesBefore;

    /** Devices that have joined, in this order. */
    final List<Integer> joined = new ArrayList<>();

    /** Whether no more may join. */
    boolean closed;

    private final TaskDefinition definition;
    private final Map<Integer, Duration> offers = new LinkedHashMap<>();

    PacedRound(TaskDefinition definition, RoundTerms terms, AdapterWeights start, Duration opened, int mergesBefore) {
        this.definition = definition;
        this.terms = terms;
        this.start = start;
        this.opened = opened;
        this.mergesBefore = mergesBefore;
    }

    /**
     * What became of a round.
     *
     * @param cohort that was in the sum, or would have been
     * @param staleness merges since it opened
     * @param reason NONE if its sum was taken
     */
    record Ended(int number, Duration opened, Duration ended, List<Integer> cohort, int staleness, AbortReason reason) {
        boolean isTaken() {
            return reason == AbortReason.NONE;
        }
    }

    int number() {
        return terms.getNumber();
    }

    /** How long devices may take to join, and how long an offer counts that was not taken up. */
    private Duration joining() {
        return Duration.ofSeconds(definition.phaseSeconds().advertise());
    }

    /** When the cohort is closed that is not full, or the next one if nobody has joined. */
    Duration deadline(Duration now) {
        return now.plus(joining());
    }

    /** Whether it is offered to fewer devices than it needs. */
    boolean hasRoom(Duration now) {
        Duration since = now.minus(joining());
        long outstanding =
                offers.values().stream().filter(at -> at.compareTo(since) >= 0).count();
        return !closed && outstanding < definition.offersMax(joined.size());
    }

    void offer(int device, Duration now) {
        offers.put(device, now);
    }

    /**
     * Takes a device into the cohort.
     *
     * @return false if that is closed
     */
    boolean join(int device) {
        offers.remove(device);
        return !closed && joined.add(device);
    }

    boolean isFull() {
        return joined.size() >= definition.cohort().max();
    }
}
