package dev.coppice.aggregator.round;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition.BufferRule;
import dev.coppice.protocol.round.RoundTerms;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What a round's sums make of a task whose rounds overlap: they wait with others, or the full buffer makes a candidate. Pure. */
public final class BufferedMerge {
    private final StoredTask task;
    private final RoundTerms terms;
    private final BufferRule rule;
    private final UpdateBuffer buffer;

    private BufferedMerge(StoredTask task, RoundTerms terms, BufferRule rule, UpdateBuffer buffer) {
        this.task = task;
        this.terms = terms;
        this.rule = rule;
        this.buffer = buffer;
    }

    /** Whether there were more merges since a round began than its task takes sums of. */
    public static boolean isStale(StoredTask task, RoundTerms terms) {
        return UpdateBuffer.of(task).staleness(terms.getCandidateSha256()).isEmpty();
    }

    /**
     * Takes a round's sums into the task's buffer.
     *
     * @param sums as {@link NextCandidate#usable} left them
     * @throws UselessException if the round is too stale, or nothing is to be made of its sums
     */
    public static BufferedMerge of(StoredTask task, RoundTerms terms, BufferRule rule, List<GroupSum> sums)
            throws UselessException {
        UpdateBuffer before = UpdateBuffer.of(task);
        OptionalInt staleness = before.staleness(terms.getCandidateSha256());
        if (staleness.isEmpty()) {
            throw new UselessException(AbortReason.TOO_STALE);
        }
        int devices = sums.stream().mapToInt(GroupSum::devices).sum();
        return new BufferedMerge(
                task, terms, rule, before.plus(NextCandidate.update(task, terms, sums), devices, staleness.getAsInt()));
    }

    /**
     * What waits in the task's buffer, with no sum more.
     *
     * @param terms of one of the rounds that wait: which factors these sums are of
     */
    public static BufferedMerge rest(StoredTask task, RoundTerms terms, BufferRule rule) {
        return new BufferedMerge(task, terms, rule, UpdateBuffer.of(task));
    }

    /** Whether there are as many sums as are merged together. */
    public boolean isFull() {
        return buffer.sums() >= rule.sums();
    }

    /** The task with these sums among those that wait; its candidate is as it was. */
    public StoredTask waiting() {
        return task.merged(task.candidateSha256(), task.optimizerState(), task.template())
                .withBuffer(buffer.toBytes());
    }

    /**
     * What the buffer makes, which holds one sum at least.
     *
     * @param present the task's candidate
     * @throws UselessException if nothing is to be made of it
     */
    public NextCandidate next(AdapterWeights present) throws UselessException {
        return NextCandidate.of(task, terms, present, buffer.mean(), OptionalDouble.empty());
    }

    /**
     * The task with what the buffer made, and nothing that waits.
     *
     * @param sha256 under which the candidate is stored
     */
    public StoredTask merged(NextCandidate next, String sha256) {
        return task.merged(sha256, next.optimizerState(), next.template())
                .withBuffer(buffer.merged(sha256, rule.stalenessMax()).toBytes());
    }
}
