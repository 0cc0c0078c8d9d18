package dev.coppice.aggregator.store;

import com.google.protobuf.ByteString;
import java.time.Instant;

/**
 * A round as it is kept.
 *
 * @param number 1 for the first round of a task
 * @param version rises by one with each change of phase
 * @param terms a serialized {@code Signed} whose payload is {@code RoundTerms}
 * @param deadline when the present phase closes
 * @param tally devices per step
 * @param survivors a serialized {@code Signed} whose payload is {@code Survivors}; empty before ATTESTING
 * @param resultSha256 the adapter that the round made; empty unless COMPLETED
 * @param reason NONE unless ABORTED
 */
public record StoredRound(
        String id,
        String taskId,
        int number,
        Phase phase,
        long version,
        ByteString terms,
        Instant deadline,
        Tally tally,
        ByteString survivors,
        String resultSha256,
        AbortReason reason) {
    /** A round that waits for devices. */
    public static StoredRound opening(String id, String taskId, int number, ByteString terms, Instant deadline) {
        return new StoredRound(
                id,
                taskId,
                number,
                Phase.ADVERTISING,
                0,
                terms,
                deadline,
                Tally.NONE,
                ByteString.EMPTY,
                "",
                AbortReason.NONE);
    }

    /** This round in its next phase. */
    public StoredRound in(Phase next, Instant nextDeadline) {
        return new StoredRound(
                id, taskId, number, next, version + 1, terms, nextDeadline, tally, survivors, resultSha256, reason);
    }

    public StoredRound with(Tally newTally) {
        return new StoredRound(
                id, taskId, number, phase, version, terms, deadline, newTally, survivors, resultSha256, reason);
    }

    public StoredRound withSurvivors(ByteString signed) {
        return new StoredRound(
                id, taskId, number, phase, version, terms, deadline, tally, signed, resultSha256, reason);
    }

    /** This round, abandoned. */
    public StoredRound aborted(AbortReason why) {
        return new StoredRound(
                id, taskId, number, Phase.ABORTED, version + 1, terms, deadline, tally, survivors, "", why);
    }

    /** This round, with the adapter it made. */
    public StoredRound completed(String sha256) {
        return new StoredRound(
                id,
                taskId,
                number,
                Phase.COMPLETED,
                version + 1,
                terms,
                deadline,
                tally,
                survivors,
                sha256,
                AbortReason.NONE);
    }
}
