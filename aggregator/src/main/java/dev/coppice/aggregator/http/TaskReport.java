package dev.coppice.aggregator.http;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.aggregator.round.UpdateBuffer;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.Schedule;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.protocol.round.Privacy;
import dev.coppice.protocol.round.RoundTerms;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a task is. Component names are the JSON's.
 *
 * @param kind training, guard (of a pack), evaluation (of an adapter) or personal (metrics of personal adapters)
 * @param state OPEN, PAUSED, COMPLETED or CANCELLED
 * @param candidateSha256 the adapter that its rounds have made so far
 * @param epsilon of all its rounds together; null where there is no noise
 * @param roundsPlanned how many rounds there will be, abandoned ones counted
 * @param starts ISO 8601: no round opens before; null where the task's schedule says nothing, as for the next
 * @param ends ISO 8601: the task is over then
 * @param intervalSeconds from the opening of a round to that of the next, at least; 0 if the next one follows at once
 * @param weight how often it is chosen where others ask for a device too
 * @param buffer how far the next merge is, where several rounds are open at once; null otherwise
 * @param rounds ascending by number
 */
public record TaskReport(
        String taskId,
        String skill,
        String population,
        String kind,
        String state,
        String candidateSha256,
        @Nullable Double epsilon,
        double delta,
        double noiseMultiplier,
        int participationsMax,
        int roundsPlanned,
        @Nullable String starts,
        @Nullable String ends,
        long intervalSeconds,
        int weight,
        @Nullable Buffer buffer,
        List<Round> rounds) {
    /**
     * Sums of rounds that wait to be merged together.
     *
     * @param waiting how many do
     * @param sums how many are merged together
     * @param openRounds how many rounds may be open at once
     * @param stalenessMax merges since a round began beyond which it is abandoned
     */
    public record Buffer(int waiting, int sums, int openRounds, int stalenessMax) {
        static @Nullable Buffer of(StoredTask task, TaskDefinition.@Nullable BufferRule rule) {
            return rule == null
                    ? null
                    : new Buffer(UpdateBuffer.of(task).sums(), rule.sums(), rule.openRounds(), rule.stalenessMax());
        }
    }

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
        TaskDefinition definition = TaskJson.stored(task.definition());
        Schedule schedule = Schedule.of(definition);
        boolean isPrivate = privacy.getNoiseMultiplier() > 0;
        return new TaskReport(
                task.id(),
                template.getSkill(),
                task.population(),
                definition.kind(),
                task.state().name(),
                task.candidateSha256(),
                isPrivate ? Double.valueOf(privacy.getEpsilonMax()) : null,
                privacy.getDelta(),
                privacy.getNoiseMultiplier(),
                privacy.getParticipationsMax(),
                definition.rounds(),
                schedule.start().equals(Instant.MIN) ? null : schedule.start().toString(),
                schedule.end().equals(Instant.MAX) ? null : schedule.end().toString(),
                schedule.interval().toSeconds(),
                definition.weightOrUsual(),
                Buffer.of(task, definition.buffer()),
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
