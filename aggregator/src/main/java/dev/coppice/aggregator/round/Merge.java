package dev.coppice.aggregator.round;

import dev.coppice.adapters.format.Safetensors;
import dev.coppice.aggregator.guard.Guards;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredRound.Result;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskDefinition.BufferRule;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.privacy.EncodingParameters;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.privacy.SumDecoder;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Merges the mean of a round's updates into the task's candidate, at once or with those of others, or has its figures told. */
final class Merge {
    private static final Logger LOG = LoggerFactory.getLogger(Merge.class);

    private final Store store;
    private final BlobStore blobs;
    private final RoundFacts facts;
    private final GroupUnmasking unmasking;
    private final Measurement measurement;
    private final ServerNoise noise;

    Merge(Store store, BlobStore blobs, RoundFacts facts, Inputs inputs, ServerNoise noise, Guards guards) {
        this.measurement = new Measurement(blobs, guards);
        this.store = store;
        this.blobs = blobs;
        this.facts = facts;
        this.noise = noise;
        this.unmasking = new GroupUnmasking(store, facts, inputs);
    }

    /**
     * Completes a round: what it made is on disk before the database names it, and the database changes whole or
     * not at all.
     *
     * @return false if round or task changed meanwhile, and nothing was changed here
     * @throws SharesMissingException if more devices must answer first
     * @throws UselessException if what there is cannot be merged
     */
    boolean complete(StoredRound round, StoredTask task)
            throws SharesMissingException, UselessException, RoundGoneException, IOException {
        RoundTerms terms = facts.terms(round).terms();
        BufferRule rule = TaskJson.stored(task.definition()).buffer();
        if (rule != null) {
            return buffered(round, task, terms, rule);
        }
        List<GroupSum> sums = NextCandidate.usable(terms, unmasking.sums(round), noise);
        return terms.hasMetrics() ? measured(round, task, terms, sums) : merged(round, task, terms, sums);
    }

    private boolean measured(StoredRound round, StoredTask task, RoundTerms terms, List<GroupSum> sums)
            throws RoundGoneException, IOException {
        SumDecoder decoder = new SumDecoder(EncodingParameters.of(terms.getEncoding()));
        String sha256 = measurement.measured(task, terms, decoder, sums);
        return store.complete(
                round,
                round.completed(result(round, sha256, sums)),
                task,
                task.merged(task.candidateSha256(), task.optimizerState(), task.template()));
    }

    private boolean merged(StoredRound round, StoredTask task, RoundTerms terms, List<GroupSum> sums)
            throws UselessException, RoundGoneException, IOException {
        NextCandidate next = NextCandidate.of(task, terms, Candidate.of(task, blobs), sums);
        String sha256 = blobs.put(Safetensors.write(next.weights()));
        return store.complete(
                round,
                round.completed(result(round, sha256, sums)),
                task,
                task.merged(sha256, next.optimizerState(), next.template()));
    }

    /** A round that filled no buffer leaves the candidate as it is. */
    private boolean buffered(StoredRound round, StoredTask task, RoundTerms terms, BufferRule rule)
            throws SharesMissingException, UselessException, RoundGoneException, IOException {
        if (BufferedMerge.isStale(task, terms)) {
            throw new UselessException(AbortReason.TOO_STALE);
        }
        List<GroupSum> sums = NextCandidate.usable(terms, unmasking.sums(round), noise);
        BufferedMerge merge = BufferedMerge.of(task, terms, rule, sums);
        if (!merge.isFull()) {
            StoredRound waiting = round.completed(result(round, task.candidateSha256(), sums));
            return store.complete(round, waiting, task, merge.waiting());
        }
        NextCandidate next = merge.next(Candidate.of(task, blobs));
        String sha256 = blobs.put(Safetensors.write(next.weights()));
        return store.complete(round, round.completed(result(round, sha256, sums)), task, merge.merged(next, sha256));
    }

    /**
     * Merges what waits in the buffer of a task that no more sums come to. It becomes the result of the last round whose result
     * was the candidate before, so that one is known to have made the task's adapter.
     *
     * @return that round as it is now; empty if nothing was changed here: nothing waits, more may come, or another change came first
     */
    Optional<StoredRound> rest(StoredTask task, TaskDefinition definition) throws IOException {
        if (definition.buffer() == null || task.buffer().isEmpty()) {
            return Optional.empty();
        }
        List<StoredRound> rounds = store.rounds(task.id());
        boolean moreOpen = !task.state().isOver() && rounds.size() < definition.rounds();
        boolean someGoOn = rounds.stream().anyMatch(round -> !round.phase().isOver());
        if (moreOpen || someGoOn || UpdateBuffer.of(task).sums() == 0) {
            return Optional.empty();
        }
        StoredRound last = rounds.reversed().stream()
                .filter(round -> round.resultSha256().equals(task.candidateSha256()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("Sums wait that no round made"));
        try {
            BufferedMerge merge = BufferedMerge.rest(task, facts.terms(last).terms(), definition.buffer());
            NextCandidate next = merge.next(Candidate.of(task, blobs));
            String sha256 = blobs.put(Safetensors.write(next.weights()));
            Result made =
                    new Result(sha256, last.result().devices(), last.result().transcriptSha256());
            StoredRound completed = last.completed(made);
            return store.complete(last, completed, task, merge.merged(next, sha256))
                    ? Optional.of(completed)
                    : Optional.empty();
        } catch (UselessException e) {
            LOG.warn("What waits of task {} cannot be merged: {}", task.id(), e.reason());
            return Optional.empty();
        }
    }

    private Result result(StoredRound round, String sha256, List<GroupSum> sums) throws RoundGoneException {
        byte[] survivors =
                Stored.parse(Signed.parser(), round.survivors()).getPayload().toByteArray();
        byte[] transcript = facts.cohort(round).transcriptHash(survivors);
        return new Result(
                sha256,
                sums.stream().mapToInt(GroupSum::devices).sum(),
                HexFormat.of().formatHex(transcript));
    }
}
