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
 * @param result what the round made; NONE unless COMPLETED
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
        Result result,
        AbortReason reason) {
    /**
     * What came of a round, and what it is remembered by when its messages are gone.
     *
     * @param sha256 of the blob that it made: an adapter, or figures
     * @param devices that are in its sums
     * @param transcriptSha256 of terms, roster and survivors
     */
    public record Result(String sha256, int devices, String transcriptSha256) {
        static final Result NONE = new Result("", 0, "");
    }

    /** The blob that the round made; empty unless COMPLETED. */
    public String resultSha256() {
        return result.sha256();
    }

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
                Result.NONE,
                AbortReason.NONE);
    }

    /** This round in its next phase. */
    public StoredRound in(Phase next, Instant nextDeadline) {
        return new StoredRound(
                id, taskId, number, next, version + 1, terms, nextDeadline, tally, survivors, result, reason);
    }

    public StoredRound with(Tally newTally) {
        return new StoredRound(
                id, taskId, number, phase, version, terms, deadline, newTally, survivors, result, reason);
    }

    public StoredRound withSurvivors(ByteString signed) {
        return new StoredRound(id, taskId, number, phase, version, terms, deadline, tally, signed, result, reason);
    }

    /** This round, abandoned. */
    public StoredRound aborted(AbortReason why) {
        return new StoredRound(
                id, taskId, number, Phase.ABORTED, version + 1, terms, deadline, tally, survivors, Result.NONE, why);
    }

    /** This round, with what it made. */
    public StoredRound completed(Result made) {
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
                made,
                AbortReason.NONE);
    }
}
