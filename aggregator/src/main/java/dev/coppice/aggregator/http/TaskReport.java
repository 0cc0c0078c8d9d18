package dev.coppice.aggregator.http;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.RoundTerms;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a task is. Component names are the JSON's.
 *
 * @param state OPEN, PAUSED, COMPLETED or CANCELLED
 * @param candidateSha256 the adapter that its rounds have made so far
 * @param epsilon of all its rounds together; null where there is no noise
 * @param roundsPlanned how many rounds there will be, abandoned ones counted
 * @param rounds ascending by number
 */
public record TaskReport(
        String taskId,
        String skill,
        String population,
        String state,
        String candidateSha256,
        @Nullable Double epsilon,
        double delta,
        double noiseMultiplier,
        int participationsMax,
        int roundsPlanned,
        List<Round> rounds) {
    /**
     * One round.
     *
     * @param advertised devices that this step was taken from; the same for the next five
     * @param inSum devices in its sums; 0 unless COMPLETED
     * @param candidateSha256 the blob that it made: an adapter, or figures in JSON; empty unless COMPLETED
     * @param reason why it was abandoned; empty unless ABORTED
     */
    public record Round(
            String id,
            int number,
            String phase,
            int advertised,
            int opened,
            int shared,
            int masked,
            int attested,
            int unmasked,
            int inSum,
            String candidateSha256,
            String reason,
            long deadlineEpochMillis) {
        static Round of(StoredRound round) {
            return new Round(
                    round.id(),
                    round.number(),
                    round.phase().name(),
                    round.tally().advertised(),
                    round.tally().opened(),
                    round.tally().shared(),
                    round.tally().masked(),
                    round.tally().attested(),
                    round.tally().unmasked(),
                    round.result().devices(),
                    round.resultSha256(),
                    round.reason() == AbortReason.NONE ? "" : round.reason().name(),
                    round.deadline().toEpochMilli());
        }
    }

    public static TaskReport of(StoredTask task, List<StoredRound> rounds) {
        RoundTerms template = template(task);
        Privacy privacy = template.getPrivacy();
        boolean isPrivate = privacy.getNoiseMultiplier() > 0;
        return new TaskReport(
                task.id(),
                template.getSkill(),
                task.population(),
                task.state().name(),
                task.candidateSha256(),
                isPrivate ? Double.valueOf(privacy.getEpsilonMax()) : null,
                privacy.getDelta(),
                privacy.getNoiseMultiplier(),
                privacy.getParticipationsMax(),
                TaskJson.stored(task.definition()).rounds(),
                rounds.stream().map(Round::of).toList());
    }

    private static RoundTerms template(StoredTask task) {
        try {
            return RoundTerms.parseFrom(task.template());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("A stored task does not parse", e);
        }
    }
}
